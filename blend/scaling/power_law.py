"""The law L(N) = A · N^(-α) + L_∞ through losses at totals of parameters, with intervals. Pure.

N counts in millions, so that A is what a pool of one million could still gain. For a given α the
rest is linear, so only α is searched for: all resamples are fitted at once.
"""

from dataclasses import dataclass

import numpy as np

from blend.evaluation.resample import Estimate, estimate

FEWEST = 4
"""Different totals that a fit needs: the law has three unknowns."""
ALPHAS = np.geomspace(0.02, 5.0, 160)
"""Exponents that are tried; a fit that ends at the first or last of them tells no exponent."""
REFINED = 30
"""Steps of golden section between two of them: 1e-6 of their distance."""
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class FittedLaw:
    """A fit. millions (K,): parameters. draws (B, 3): A, α, L_∞ of each resample.

    notes: what must be said with it.
    """

    scale: Estimate
    exponent: Estimate
    floor: Estimate
    millions: np.ndarray
    draws: np.ndarray
    notes: tuple[str, ...] = ()

    def at(self, millions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The line and its band of 95 % at these totals."""
        scale, exponent, floor = (column[:, None] for column in self.draws.T)
        low, high = np.quantile(scale * millions**-exponent + floor, [0.025, 0.975], axis=0)
        line = self.scale.value * millions**-self.exponent.value + self.floor.value
        return line, low, high


REASONS = {
    "one_size": "there is only one size where a law needs {few}",
    "few_sizes": "there are only {n} different sizes where a law needs {few}",
    "not_finite": "some losses are not finite",
    "no_fall": "the losses do not surely fall with size",
    "straight": "the points are straight in log N: they tell no exponent and no floor",
    "one_step": "the points are one step and then flat: they tell no exponent and no floor",
    "no_floor": "the floor cannot be told from zero",
    "no_exponent": "in {share} of the resamples the exponent was not to be told",
}
"""Why there is no fit, and what must be said with one: ends of sentences, by name, in English."""


class UnfittableCurve(ValueError):
    """Why there is no fit, as the end of a sentence."""

    def __init__(self, name: str, **values: object):
        super().__init__(REASONS[name].format(**values))


def fit(parameters: np.ndarray, means: np.ndarray) -> FittedLaw:
    """The law through means (B + 1, K) at parameters (K,): first the means, then their resamples.

    Least squares with A ≥ 0 and L_∞ ≥ 0, every point alike; intervals are percentiles of the
    resamples. They say how much the numbers depend on the replies, not on the choice of models.
    Raises UnfittableCurve.
    """
    millions = np.asarray(parameters, float) / 1e6
    different = len(np.unique(np.round(np.log(millions), 2)))
    if different < FEWEST:
        sizes = "one_size" if different == 1 else "few_sizes"
        raise UnfittableCurve(sizes, n=different, few=FEWEST)
    if not np.isfinite(means).all():
        raise UnfittableCurve("not_finite")
    steps = np.log(millions) - np.log(millions).mean()
    slopes = (means - means.mean(axis=1, keepdims=True)) @ steps
    if np.ptp(means[0]) <= 1e-9 * abs(means[0]).max() or np.mean(slopes[1:] >= 0) > 0.025:
        raise UnfittableCurve("no_fall")
    value, *draws = solve(millions, means)
    if not ALPHAS[1] < value[1] < ALPHAS[-2]:
        raise UnfittableCurve("straight" if value[1] <= ALPHAS[1] else "one_step")
    scale, exponent, floor = map(estimate, value, np.transpose(draws))
    return FittedLaw(scale, exponent, floor, millions, np.array(draws), _notes(floor, draws))


def _notes(floor: Estimate, draws: list[np.ndarray]) -> tuple[str, ...]:
    notes = []
    if floor.low <= 1e-9:
        notes.append(REASONS["no_floor"])
    lost = np.mean([not ALPHAS[1] < exponent < ALPHAS[-2] for _, exponent, _ in draws])
    if lost > 0.01:
        notes.append(REASONS["no_exponent"].format(share=f"{lost:.0%}"))
    return tuple(notes)


def solve(millions: np.ndarray, means: np.ndarray) -> np.ndarray:
    """(B, 3): A, α and L_∞ of least squares for each row of means (B, K)."""
    errors = [_linear(millions, means, np.full(len(means), alpha))[2] for alpha in ALPHAS]
    best = np.argmin(errors, axis=0)
    low, high = (np.log(ALPHAS[np.clip(best + d, 0, len(ALPHAS) - 1)]) for d in (-1, 1))
    for _ in range(REFINED):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        left_error, right_error = (_linear(millions, means, np.exp(a))[2] for a in (left, right))
        nearer = left_error < right_error
        low, high = np.where(nearer, low, left), np.where(nearer, right, high)
    alpha = np.exp((low + high) / 2)
    scale, floor, _ = _linear(millions, means, alpha)
    return np.column_stack([scale, alpha, floor])


def _linear(
    millions: np.ndarray, means: np.ndarray, alpha: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A and L_∞ of least squares for a given α, and the squared errors: (B,) each."""
    power = millions ** -alpha[:, None]
    middle = power.mean(axis=1)
    apart = power - middle[:, None]
    scale = np.maximum((apart * means).sum(axis=1) / (apart**2).sum(axis=1), 0.0)
    floor = means.mean(axis=1) - scale * middle
    below = floor < 0  # then the floor is zero, and A is what is left to fit
    alone = (power * means).sum(axis=1) / (power**2).sum(axis=1)
    scale, floor = np.where(below, np.maximum(alone, 0.0), scale), np.where(below, 0.0, floor)
    return scale, floor, ((scale[:, None] * power + floor[:, None] - means) ** 2).sum(axis=1)
