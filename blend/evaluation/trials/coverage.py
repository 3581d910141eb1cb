"""Trials in a world whose truth is known: do the intervals hold, and what does learning gain?

python -m blend trials [--runs 1000]: how often the 95 % intervals of IPS, SNIPS and DR hold the
true value, also of policies that read who wrote before; and how much of the gap between uniform
draws and the best choice a policy fitted on 20,000 logged turns gets, with members of every kind,
--logs times each.
"""

import argparse
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from blend.command_line import SEED, at_least, finish
from blend.evaluation import outcome_model
from blend.evaluation.fit_policy import MIN_TURNS, PolicyFit, fit_policy
from blend.evaluation.logged_turns import TurnTable, folds
from blend.evaluation.off_policy import evaluate_policy
from blend.evaluation.trials.learning_gain import WORLDS, gain_summary, learning_gain
from blend.evaluation.trials.sentence_replies import sentence_trials
from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.evaluation.trials.writer_histories import WriterHistories, mean_rewards
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import softmax
from blend.policies.policy import Policy, Uniform
from blend.policies.sequence import FixedSequence
from blend.policies.sticky import Sticky

CONVERSATIONS = 400
"""Of one trial; four turns each."""

METHODS = ("IPS", "SNIPS", "DR")
"""Of `off_policy`, in the order in which they are printed."""


def interval_trials(runs: int, rng: np.random.Generator) -> Iterator[dict[str, bool]]:
    """Whether each method's interval held the truth, in worlds drawn anew for every run.

    "learned" is the doubly robust value of a policy that is fitted on the very same turns.
    """
    for _ in range(runs):
        world = SyntheticTopics(("a", "b", "c"), rng.uniform(0.15, 0.85, (4, 3)))
        logging = 0.85 * softmax(rng.normal(size=(4, 3))) + 0.05
        target = 0.94 * np.eye(3)[world.quality.argmax(1)] + 0.02
        table, topic = world.table(CONVERSATIONS, logging, rng)
        truth = float((target * world.quality).sum(1).mean())
        fitted = fit_policy(table, HistoryFeatures(HashedNgrams(1), world.members))
        value = evaluate_policy(target[topic], table, fitted.expected)
        held = {e.method: e.low <= truth <= e.high for e in (value.ips, value.snips, value.dr)}
        yield held | {"learned": _learned(world, table, topic, fitted)}


def _learned(
    world: SyntheticTopics, table: TurnTable, topic: np.ndarray, fitted: PolicyFit
) -> bool:
    """Whether the interval of the cross-fitted policies' value holds what they really earn."""
    fold, truth = folds(table.clusters, outcome_model.FOLDS), 0.0
    for which in range(outcome_model.FOLDS):
        held = fold == which
        chances = [fitted.crossed[held & (topic == t)][0] for t in range(len(world.quality))]
        truth += float((np.array(chances) * world.quality).sum(1).mean()) * held.mean()
    value = fitted.values["learned"].dr
    return bool(value.low <= truth <= value.high)


PATTERN = ("a", "a", "b")
CASES: Mapping[str, tuple[Policy, Policy]] = {
    "stay = 0.8, by uniform draws": (Uniform(), Sticky(stay=0.8)),
    "turns = 2, by uniform draws": (Uniform(), Sticky(turns=2)),
    "a sequence, by uniform draws": (Uniform(), FixedSequence(PATTERN)),
    "uniform, by draws of stay = 0.8": (Sticky(stay=0.8), Uniform()),
    "uniform, by draws of turns = 2": (Sticky(turns=2, epsilon=0.05), Uniform()),
    "uniform, by those of a sequence": (FixedSequence(PATTERN, epsilon=0.05), Uniform()),
}
"""Which policy drew a log, and which one is judged by it: both read who wrote before."""


def history_trials(runs: int, rng: np.random.Generator) -> Iterator[dict[tuple[str, str], bool]]:
    """Whether each method's interval held the truth, by case and method, in worlds drawn anew.

    A reply is worth less after a hand-off, so that what policies earn depends on the history.
    """
    members = ("a", "b", "c")
    world = WriterHistories(members, np.zeros(3))
    tables = {name: tuple(map(world.chances, pair)) for name, pair in CASES.items()}
    for _ in range(runs):
        world = WriterHistories(members, rng.uniform(0.3, 0.85, 3), float(rng.uniform(0, 0.2)))
        held = {}
        for name, (logging, target) in tables.items():
            table, chances = world.table(CONVERSATIONS, logging, target, rng)
            truth = world.value(logging, target)
            value = evaluate_policy(chances, table, mean_rewards(table))
            for e in (value.ips, value.snips, value.dr):
                held[name, e.method] = e.low <= truth <= e.high
        yield held


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m blend trials", description=__doc__)
    add = parser.add_argument
    add("--runs", type=at_least(1), default=1000, help="trials of the intervals")
    add("--turns", type=at_least(MIN_TURNS), default=20_000, help="logged turns to learn from")
    add("--logs", type=at_least(1), default=10, help="logs of each world to learn from")
    add("--seed", type=SEED, default=0)
    args = parser.parse_args(argv)
    return finish("blend trials", lambda: run_studies(args))


def run_studies(args: argparse.Namespace) -> None:
    """All trials, printed."""
    from tqdm import tqdm

    rng, methods, runs = np.random.default_rng(args.seed), ", ".join(METHODS), args.runs
    held = _shares("intervals", interval_trials(runs, rng), runs)
    print(f"95 % intervals that held the truth, of {runs}:")
    for method in (*METHODS, "learned"):
        print(f"  {method:8} {held[method]:.1%}")
    own = np.random.default_rng([args.seed, 1])  # so that the other trials draw what they drew
    read = _shares("histories", history_trials(runs, own), runs)
    print(f"The same of policies that read who wrote before ({methods}):")
    for name in CASES:
        print(f"  {name:31} {'  '.join(f'{read[name, method]:.1%}' for method in METHODS)}")
    apart = np.random.default_rng([args.seed, 2])
    written = _shares("sentences", sentence_trials(runs, apart, CONVERSATIONS), runs)
    print(f"Whole replies, judged by a log in which every sentence was drawn ({methods}):")
    shares = "  ".join(f"{written[method]:.1%}" for method in METHODS)
    print(f"  {'one member a reply':31} {shares}")
    print(f"Learned from {args.turns:,} turns of uniform draws, above uniform:")
    print("  (harm: logs after which it is worse than uniform by more than its interval)")
    for name, world in tqdm(WORLDS.items(), desc="worlds"):
        gains = [learning_gain(world, args.turns, rng) for _ in range(args.logs)]
        print(f"  {name:31} {gain_summary(world, gains)}")


def _shares(name: str, trials: Iterator[Mapping], runs: int) -> pd.Series:
    """By case, the share of trials in which its interval held the truth."""
    from tqdm import tqdm

    return pd.DataFrame(list(tqdm(trials, total=runs, desc=name))).mean()
