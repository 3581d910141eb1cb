"""What another policy would have earned on the logged turns, judged from the log alone.

Pure: arrays in, frozen values out. n turns, N members, weight w = π(a)/p(a): the chance of the
drawn member under the policy that is judged, over the chance it was drawn with. Where each sentence
of a reply was drawn, w = π(a)/Πp(a) over all its draws if they are a's, else 0: a member that is
stopped at the end of a sentence has not chosen whether to go on, so one that is drawn each time
writes what it writes alone (importance sampling of whole trajectories: Precup, Sutton and Singh
2000).

It is the value of one turn in the situations that the log holds. How a policy would change the
situations themselves (other replies, other next messages) is not judged: for that, let it fight.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from blend.evaluation.clustered import half_width
from blend.evaluation.logged_turns import TurnTable
from blend.evaluation.outcome_model import cross_fit, sigmoid
from blend.evaluation.resample import Estimate

FEW_TURNS, FEW_CONVERSATIONS = 200, 30
"""Below these the intervals are not to be trusted: they rest on sums being nearly normal."""


@dataclass(frozen=True, slots=True)
class MethodEstimate:
    """The mean reward of a turn by one method, and how much that is above the log's own mean; each
    with its 95 % interval, clustered by conversation."""

    method: str
    value: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """A policy judged. `effective` of `turns` speak for it: (Σw)²/Σw² (Kish 1965). `beyond` is the
    share of its chances on members that the log could not draw. `warnings` are sentences."""

    ips: MethodEstimate
    snips: MethodEstimate
    dr: MethodEstimate
    logged: float
    turns: int
    conversations: int
    effective: float
    beyond: float
    warnings: tuple[str, ...]


def evaluate_policy(target: np.ndarray, table: TurnTable, expected: np.ndarray) -> PolicyValue:
    """The value of a policy from logged turns.

    target: (n, N) chances of every member under the policy, 0 for those that were down. expected:
    (n, N) what each member's reply was expected to earn, by a model that has not seen that
    conversation.

    Inverse propensity scores (Horvitz and Thompson 1952), self-normalised (Swaminathan and Joachims
    2015), doubly robust (Dudík, Langford and Li 2011). Raises ValueError where there is no turn, or
    one was drawn that had no chance.
    """
    n, rewards = len(table), table.rewards
    if not n:
        raise ValueError("no logged turn tells this reward: there is nothing to judge by")
    drawn = np.arange(n), table.drawn
    if not (table.chances[drawn] > 0)[table.alone].all():
        raise ValueError("a logged turn was drawn with a chance of zero: the log cannot be right")
    _, clusters = np.unique(table.clusters, return_inverse=True)
    weights, one = table.weights(target), np.ones(n)
    effective = float(weights.sum() ** 2 / max((weights**2).sum(), 1e-300))
    conversations = int(clusters.max()) + 1
    beyond = float((target * (table.chances <= 0)).sum() / n)
    return PolicyValue(
        ips=_estimate("IPS", weights * rewards, one, rewards, clusters),
        snips=_estimate("SNIPS", weights * rewards, weights, rewards, clusters),
        dr=_estimate("DR", _doubly_robust(target, table, expected), one, rewards, clusters),
        logged=float(rewards.mean()),
        turns=n,
        conversations=conversations,
        effective=effective,
        beyond=beyond,
        warnings=tuple(
            WARNINGS[name].format(**values)
            for name, values in doubts(effective, n, conversations, beyond)
        ),
    )


def policy_gain(
    target: np.ndarray, other: np.ndarray, table: TurnTable, expected: np.ndarray
) -> Estimate:
    """How much more `target` earns than `other` on the same turns, doubly robust.

    Arguments as of `evaluate_policy`. Surer than the difference of two values: what both share
    cancels.
    """
    scores = _doubly_robust(target, table, expected) - _doubly_robust(other, table, expected)
    _, clusters = np.unique(table.clusters, return_inverse=True)
    estimate = _estimate("DR", scores, np.ones(len(table)), np.zeros(len(table)), clusters)
    return Estimate(estimate.value, estimate.low, estimate.high)


def evaluate_policies(table: TurnTable) -> tuple[dict[str, PolicyValue], dict[str, Estimate]]:
    """Of each policy in the table's `target_probabilities`, by name: its value, and how much more
    than "uniform", which is one of them, it earns a turn. Raises what `evaluate_policy` raises."""
    expected, targets = sigmoid(cross_fit(table).scores), table.target_probabilities
    values = {name: evaluate_policy(target, table, expected) for name, target in targets.items()}
    gains = {
        name: policy_gain(target, targets["uniform"], table, expected)
        for name, target in targets.items()
    }
    return values, gains


def _doubly_robust(target: np.ndarray, table: TurnTable, expected: np.ndarray) -> np.ndarray:
    """(n,) scores whose mean is the value: what is expected, put right by what came."""
    drawn = np.arange(len(table)), table.drawn
    error = table.rewards - expected[drawn]
    return (target * expected).sum(1) + table.weights(target) * error


def _estimate(
    method: str, scores: np.ndarray, sizes: np.ndarray, rewards: np.ndarray, clusters: np.ndarray
) -> MethodEstimate:
    """Σ scores / Σ sizes, and that less the mean of `rewards`, with intervals.

    A ratio's error is that of its residuals' sums by cluster, times C/(C-1) (the delta method;
    Liang and Zeger 1986); t with C-1 degrees of freedom.
    """
    size, logged = max(sizes.sum(), 1e-300), rewards.mean()
    value = scores.sum() / size
    gain = value - logged
    residuals = np.bincount(clusters, scores - value * sizes) / size
    own = np.bincount(clusters, rewards - logged) / len(rewards)
    half, half_gain = half_width(residuals), half_width(residuals - own)
    bounds = (value - half, value + half, gain, gain - half_gain, gain + half_gain)
    return MethodEstimate(method, float(value), *map(float, bounds))


WARNINGS = {
    "few_turns": "There are only {turns:,.0f} logged turns: too few to trust the intervals.",
    "few_effective": "Only about {effective:,.0f} of {turns:,.0f} logged turns speak for this "
    "policy: too few to trust the intervals. Log more, or judge a policy nearer to the logged one.",
    "one_conversation": "The turns come from 1 conversation only: too few to trust the intervals, "
    "however many turns each has.",
    "few_conversations": "The turns come from {n:,.0f} conversations only: too few to trust the "
    "intervals, however many turns each has.",
    "beyond": "{share:.1%} of what this policy would draw had no chance in the log, and nothing "
    "tells what it would have earned: log with an epsilon above 0.",
}
"""What makes a value doubtful, by name, in English."""


def doubts(
    effective: float, turns: int, conversations: int, beyond: float
) -> Iterator[tuple[str, dict[str, float]]]:
    """Names of WARNINGS with their values; what they depend on is as in PolicyValue."""
    if turns < FEW_TURNS and effective > 0.9 * turns:
        yield "few_turns", {"turns": turns}
    elif effective < FEW_TURNS:
        yield "few_effective", {"effective": effective, "turns": turns}
    if conversations < FEW_CONVERSATIONS:
        name = "one_conversation" if conversations == 1 else "few_conversations"
        yield name, {"n": conversations}
    if beyond > 0.001:
        yield "beyond", {"share": beyond}
