"""Trials in a world whose truth is known: do the intervals hold, and what does learning gain?

python -m blend trials [--runs 1000]: how often the 95 % intervals of IPS, SNIPS and DR hold the
true value, also of policies that read who wrote before; and how much of the gap between uniform
draws and the best choice a policy fitted on 20,000 logged turns gets, with members of every kind,
--logs times each.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blend.command_line import finish
from blend.evaluation import outcome_model
from blend.evaluation.fit_policy import PolicyFit, fit_policy
from blend.evaluation.logged_turns import TurnTable, folds
from blend.evaluation.off_policy import evaluate_policy
from blend.evaluation.trials.sentence_replies import sentence_trials
from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.evaluation.trials.writer_histories import WriterHistories, mean_rewards
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import softmax
from blend.policies.policy import Policy, Uniform, default_floor
from blend.policies.sequence import FixedSequence
from blend.policies.sticky import Sticky

CONVERSATIONS = 400
"""Of one trial; four turns each."""


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


def history_trials(
    runs: int, rng: np.random.Generator, cases: Mapping[str, tuple[Policy, Policy]] = CASES
) -> Iterator[dict[tuple[str, str], bool]]:
    """Whether each method's interval held the truth, by case and method, in worlds drawn anew.

    A reply is worth less after a hand-off, so that what policies earn depends on the history.
    """
    members = ("a", "b", "c")
    world = WriterHistories(members, np.zeros(3))
    tables = {name: tuple(map(world.chances, pair)) for name, pair in cases.items()}
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


WORLDS: Mapping[str, SyntheticTopics] = {
    "three specialists": SyntheticTopics.specialists(3),
    "specialists, small differences": SyntheticTopics.specialists(3, 0.6, 0.5),
    "specialists, next to none": SyntheticTopics.specialists(3, 0.51, 0.49),
    "eight specialists": SyntheticTopics.specialists(8),
    "nothing to learn": SyntheticTopics(("a", "b", "c"), np.full((3, 3), 0.5)),
    "one member is useless": SyntheticTopics(
        ("a", "b", "useless"), np.array([[0.8, 0.35, 0.1], [0.35, 0.8, 0.1], [0.6, 0.6, 0.1]])
    ),
}


@dataclass(frozen=True, slots=True)
class LearningGain:
    """What a fitted policy really earns above uniform draws, and what the best choice would; and
    the half-width of the interval that the fit itself gives."""

    gain: float
    best: float
    half: float

    @property
    def harm(self) -> bool:
        """Whether it is worse than uniform by more than its interval."""
        return self.gain < -self.half - 1e-9


def learning_gain(world: SyntheticTopics, turns: int, rng: np.random.Generator) -> LearningGain:
    """A policy fitted on that many logged turns of uniform draws, tried on others."""
    traits = HistoryFeatures(HashedNgrams(2048), world.members)
    fitted = fit_policy(TurnTable.of(world.log(turns, Uniform(), rng), traits), traits)
    gain, best = true_gain(world, fitted.policy, min(turns, 5000), rng)
    return LearningGain(gain, best, (fitted.advantage[2] - fitted.advantage[1]) / 2)


def true_gain(
    world: SyntheticTopics, policy: Policy, turns: int, rng: np.random.Generator
) -> tuple[float, float]:
    """What the policy's chances and the best choice are truly worth above uniform ones, by the
    mean of the same turns of fresh conversations."""
    more, most = [], []
    while len(more) < turns:
        for logged, quality in world.conversation(Uniform(), rng):
            chances = policy.chances(world.members, logged.conversation)
            more.append(sum(chances[m] * q for m, q in zip(chances, quality, strict=True)))
            more[-1] -= quality.mean()
            most.append(quality.max() - quality.mean())
    return float(np.mean(more)), float(np.mean(most))


def gain_summary(world: SyntheticTopics, gains: Sequence[LearningGain]) -> str:
    """What several logs of one world came to."""
    gain, best, half = (
        float(np.mean([getattr(g, n) for g in gains])) for n in LearningGain.__slots__
    )
    share = "nothing to gain"
    if best > 0:
        worst = min(each.gain / each.best for each in gains)
        members = len(world.members)
        left = 1 - members * default_floor(members)
        share = f"{gain / best:.0%} of the best ({worst:.0%} at worst; the floor leaves {left:.0%})"
    harm = sum(each.harm for each in gains)
    return f"{round(gain, 3) + 0.0:+.3f} ± {half:.3f}: {share}; harm: {harm} of {len(gains)}"


def main(argv: list[str]) -> int:
    """The command; 130 when it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m blend trials", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="trials of the intervals")
    parser.add_argument("--turns", type=int, default=20_000, help="logged turns to learn from")
    parser.add_argument("--logs", type=int, default=10, help="logs of each world to learn from")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    return finish("blend trials", lambda: run_studies(args))


def run_studies(args: argparse.Namespace) -> None:
    """Both trials, printed."""
    from tqdm import tqdm

    rng = np.random.default_rng(args.seed)
    held: Counter[str] = Counter()
    for run in tqdm(interval_trials(args.runs, rng), total=args.runs, desc="intervals"):
        held.update(method for method, held_it in run.items() if held_it)
    print(f"95 % intervals that held the truth, of {args.runs}:")
    for method in ("IPS", "SNIPS", "DR", "learned"):
        print(f"  {method:8} {held[method] / max(args.runs, 1):.1%}")
    read: Counter[tuple[str, str]] = Counter()
    own = np.random.default_rng([args.seed, 1])  # so that the other trials draw what they drew
    for run in tqdm(history_trials(args.runs, own), total=args.runs, desc="histories"):
        read.update(case for case, held_it in run.items() if held_it)
    print("The same of policies that read who wrote before (IPS, SNIPS, DR):")
    for name in CASES:
        shares = (read[name, method] / max(args.runs, 1) for method in ("IPS", "SNIPS", "DR"))
        print(f"  {name:31} {'  '.join(f'{share:.1%}' for share in shares)}")
    written: Counter[str] = Counter()
    apart = np.random.default_rng([args.seed, 2])
    for run in tqdm(
        sentence_trials(args.runs, apart, CONVERSATIONS), total=args.runs, desc="sentences"
    ):
        written.update(method for method, held_it in run.items() if held_it)
    shares = (written[method] / max(args.runs, 1) for method in ("IPS", "SNIPS", "DR"))
    print("Whole replies, judged by a log in which every sentence was drawn (IPS, SNIPS, DR):")
    print(f"  {'one member a reply':31} {'  '.join(f'{share:.1%}' for share in shares)}")
    print(f"Learned from {args.turns:,} turns of uniform draws, above uniform:")
    print("  (harm: logs after which it is worse than uniform by more than its interval)")
    for name, world in tqdm(WORLDS.items(), desc="worlds"):
        gains = [learning_gain(world, args.turns, rng) for _ in range(args.logs)]
        print(f"  {name:31} {gain_summary(world, gains)}")
