"""Logged turns → a learned policy, with what it would have earned and how well it is calibrated."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from blend.evaluation import outcome_model
from blend.evaluation.logged_turns import TurnTable, folds
from blend.evaluation.off_policy import PolicyValue, evaluate_policy, policy_gain
from blend.evaluation.resample import Estimate
from blend.policies.features import HistoryFeatures
from blend.policies.learned import Learned, floored_softmax
from blend.policies.policy import default_floor

MIN_TURNS = 100
"""Turns below which nothing is fitted."""
INVERSE_TEMPERATURES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""What is tried, from hardly moved to nearly always the best one. 0, uniform, needs no trial."""
BINS = 10


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Turns of about the same expected reward: how many, what was expected and what came."""

    turns: int
    expected: float
    came: float


@dataclass(frozen=True, slots=True, eq=False)
class PolicyFit:
    """A policy, and the evidence for it: from models that had not seen the conversation they judge.

    values: of the policy ("learned") and of uniform draws. advantage: of learned over uniform.
    rates: each member's (turns, mean reward). crossed, expected: (n, N) chances and expected
    rewards on the turns themselves, what `values` and `policy_gain` judge.
    """

    policy: Learned
    values: Mapping[str, PolicyValue]
    advantage: Estimate
    calibration: tuple[CalibrationBin, ...]
    rates: Mapping[str, tuple[int, float]]
    crossed: np.ndarray
    expected: np.ndarray


def fit_policy(
    table: TurnTable,
    traits: HistoryFeatures,
    epsilon: float | None = None,
    digests: Mapping[str, str] | None = None,
    provenance: Mapping[str, object] | None = None,
) -> PolicyFit:
    """The policy of the table's turns; `digests` and `provenance` go into it as they are.

    epsilon: the floor that it is judged with; the usual one if None.

    Each member's reward is fitted and calibrated. The inverse temperature is the one whose
    advantage over uniform has the highest lower bound; where none is above zero there is nothing to
    learn, and the policy is uniform. What is reported is cross-fitted: models and temperature come
    from other conversations than the turn's; only the models' penalty, one of three, is chosen by
    all. Raises ValueError for fewer than MIN_TURNS turns.
    """
    from threadpoolctl import threadpool_limits

    n, told = len(table), int(table.alone.sum())
    if told < MIN_TURNS:
        of = "" if told == n else " of one writer"
        reason = f"only {told} logged turns{of} tell this reward"
        raise ValueError(f"{reason}: at least {MIN_TURNS} are needed")
    floor = default_floor(len(table.members)) if epsilon is None else epsilon
    # The vectors are short: threads of BLAS would only wait for one another.
    with threadpool_limits(1, "blas"):
        foreseen = outcome_model.cross_fit(table)
        expected, up = outcome_model.sigmoid(foreseen.scores), table.chances > 0
        uniform = up / up.sum(1, keepdims=True)
        tried = {
            s: floored_softmax(foreseen.scores, up, s, floor) for s in (0.0, *INVERSE_TEMPERATURES)
        }
        crossed = _cross_fitted_chances(table, tried, uniform, expected)
        inverse_temperature = _best_inverse_temperature(
            table, tried, uniform, expected, np.ones(n, bool)
        )
        model = outcome_model.fit_outcomes(table, foreseen.penalty).scaled(
            foreseen.slope, foreseen.shift
        )
        weights, bias = model.weights, model.bias
        return PolicyFit(
            policy=Learned(
                traits, weights, bias, inverse_temperature, digests or {}, provenance or {}, floor
            ),
            values={
                "uniform": evaluate_policy(uniform, table, expected),
                "learned": evaluate_policy(crossed, table, expected),
            },
            advantage=policy_gain(crossed, uniform, table, expected),
            calibration=_calibration(table, expected),
            rates={
                member: (len(own), float(own.mean()) if len(own) else 0.0)
                for number, member in enumerate(table.members)
                for own in [table.rewards[table.drawn == number]]
            },
            crossed=crossed,
            expected=expected,
        )


def _cross_fitted_chances(
    table: TurnTable, tried: Mapping[float, np.ndarray], uniform: np.ndarray, expected: np.ndarray
) -> np.ndarray:
    """(n, N) chances, each turn's by the one that the conversations of other folds chose."""
    fold, crossed = folds(table.clusters, outcome_model.FOLDS), uniform.copy()
    for which in range(outcome_model.FOLDS):
        inverse_temperature = _best_inverse_temperature(
            table, tried, uniform, expected, fold != which
        )
        crossed[fold == which] = tried[inverse_temperature][fold == which]
    return crossed


def _best_inverse_temperature(
    table: TurnTable,
    tried: Mapping[float, np.ndarray],
    uniform: np.ndarray,
    expected: np.ndarray,
    rows: np.ndarray,
) -> float:
    """The one with the surest advantage over uniform on these rows; 0 where none is sure."""
    part, even, foretold = table.select(rows), uniform[rows], expected[rows]
    sure = {s: policy_gain(tried[s][rows], even, part, foretold).low for s in INVERSE_TEMPERATURES}
    best = max(sure, key=sure.__getitem__)
    return best if sure[best] > 0 else 0.0


def _calibration(table: TurnTable, expected: np.ndarray) -> tuple[CalibrationBin, ...]:
    """BINS bins of equally many turns, by what was expected of the drawn member; weighted 1/p."""
    table, expected = table.select(table.alone), expected[table.alone]
    drawn = np.arange(len(table)), table.drawn
    foreseen, weights = expected[drawn], 1 / table.chances[drawn]
    return tuple(
        CalibrationBin(
            len(part),
            float(np.average(foreseen[part], weights=weights[part])),
            float(np.average(table.rewards[part], weights=weights[part])),
        )
        for part in np.array_split(np.argsort(foreseen, kind="stable"), BINS)
    )
