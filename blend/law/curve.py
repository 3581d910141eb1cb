"""The law L(N) = A · N^(-α) + L_∞ through losses at totals of parameters, with intervals. Pure.

N counts in millions, so that A is what a pool of one million could still gain. For a given α the
rest is linear, so only α is searched for: that is quick for all resamples at once.
"""

from dataclasses import dataclass

import numpy as np

from blend.resample import Estimate, estimate

FEWEST = 4
"""Different totals: three go through anything that has three unknowns."""
ALPHAS = np.geomspace(0.02, 5.0, 160)
"""Exponents that are tried; one at the end of them was not found but run into."""
REFINED = 30
"""Steps of golden section between two of them: 1e-6 of their distance."""
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A fit. millions (K,): parameters. values (K,): losses. draws (B, 3): A, α, L_∞ resampled.

    notes: what must be said with it.
    """

    scale: Estimate
    exponent: Estimate
    floor: Estimate
    millions: np.ndarray
    values: np.ndarray
    draws: np.ndarray
    notes: tuple[str, ...] = ()

    def at(self, millions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The line and its band of 95 % at these totals."""
        scale, exponent, floor = (column[:, None] for column in self.draws.T)
        low, high = np.quantile(scale * millions**-exponent + floor, [0.025, 0.975], axis=0)
        line = self.scale.value * millions**-self.exponent.value + self.floor.value
        return line, low, high


@dataclass(frozen=True, slots=True)
class NoCurve:
    """Why there is no fit, as the end of a sentence."""

    reason: str


def fit(parameters: np.ndarray, means: np.ndarray) -> Curve | NoCurve:
    """The law through means (B + 1, K) at parameters (K,): first the means, then their resamples.

    Least squares with A ≥ 0 and L_∞ ≥ 0, every point alike; intervals are percentiles of the
    resamples. They tell how sure the replies make the numbers. What other models of the same sizes
    would have given they do not tell.
    """
    millions = np.asarray(parameters, float) / 1e6
    different = len(np.unique(np.round(np.log(millions), 2)))
    if different < FEWEST:
        sizes = "is only one size" if different == 1 else f"are only {different} different sizes"
        return NoCurve(f"there {sizes} where a law needs {FEWEST}")
    if not np.isfinite(means).all():
        return NoCurve("some losses are not finite")
    steps = np.log(millions) - np.log(millions).mean()
    slopes = (means - means.mean(axis=1, keepdims=True)) @ steps
    if np.ptp(means[0]) <= 1e-9 * abs(means[0]).max() or np.mean(slopes[1:] >= 0) > 0.025:
        return NoCurve("the losses do not surely fall with size")
    found = solve(millions, means)
    if not ALPHAS[1] < found[0, 1] < ALPHAS[-2]:
        shape = "straight in log N" if found[0, 1] <= ALPHAS[1] else "one step and then flat"
        return NoCurve(f"the points are {shape}: they tell no exponent and no floor")
    value, draws = found[0], found[1:]
    scale, exponent, floor = (estimate(v, d) for v, d in zip(value, draws.T, strict=True))
    return Curve(scale, exponent, floor, millions, means[0], draws, _notes(floor, draws))


def _notes(floor: Estimate, draws: np.ndarray) -> tuple[str, ...]:
    notes = []
    if floor.low <= 1e-9:
        notes.append("the floor cannot be told from zero")
    lost = np.mean((draws[:, 1] <= ALPHAS[1]) | (draws[:, 1] >= ALPHAS[-2]))
    if lost > 0.01:
        notes.append(f"in {lost:.0%} of the resamples the exponent was not to be told")
    return tuple(notes)


def solve(millions: np.ndarray, means: np.ndarray) -> np.ndarray:
    """(B, 3): A, α and L_∞ of least squares for each row of means (B, K)."""
    errors = np.stack([_rest(millions, means, np.full(len(means), a))[1] for a in ALPHAS], axis=1)
    best = errors.argmin(axis=1)
    low, high = (np.log(ALPHAS[np.clip(best + d, 0, len(ALPHAS) - 1)]) for d in (-1, 1))
    for _ in range(REFINED):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        left_error, right_error = (_rest(millions, means, np.exp(a))[1] for a in (left, right))
        nearer = left_error < right_error
        low, high = np.where(nearer, low, left), np.where(nearer, right, high)
    alpha = np.exp((low + high) / 2)
    linear, _ = _rest(millions, means, alpha)
    return np.column_stack([linear[:, 0], alpha, linear[:, 1]])


def _rest(
    millions: np.ndarray, means: np.ndarray, alpha: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A and L_∞ (B, 2) of least squares for a given α (B,), and the squared errors (B,)."""
    power = millions ** -alpha[:, None]
    middle, centre = power.mean(axis=1), means.mean(axis=1)
    apart = power - middle[:, None]
    scale = np.maximum((apart * means).sum(axis=1) / (apart**2).sum(axis=1), 0.0)
    floor = centre - scale * middle
    sunk = floor < 0  # then the floor is zero, and A is what is left to fit
    alone = (power * means).sum(axis=1) / (power**2).sum(axis=1)
    scale, floor = np.where(sunk, np.maximum(alone, 0.0), scale), np.where(sunk, 0.0, floor)
    errors = ((scale[:, None] * power + floor[:, None] - means) ** 2).sum(axis=1)
    return np.column_stack([scale, floor]), errors
