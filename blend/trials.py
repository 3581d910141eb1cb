"""Trials in a world whose truth is known: do the intervals hold, and what does learning gain?

python -m blend trials [--runs 1000]: how often the 95 % intervals of IPS, SNIPS and DR hold the
true value, and how much of the gap between uniform draws and the best choice a policy fitted on
20,000 logged turns gets, with members of every kind.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from blend import earnings
from blend.fit import Fit, fit
from blend.grams import Hashed
from blend.learned import Learned, softmax
from blend.logged import Table, folds
from blend.policy import Uniform
from blend.topics import Topics
from blend.traits import Traits
from blend.value import judge

CONVERSATIONS = 400
"""Of one trial; four turns each."""


def trials(runs: int, rng: np.random.Generator) -> Iterator[dict[str, bool]]:
    """Whether each method's interval held the truth, in worlds drawn anew for every run.

    "learned" is the doubly robust value of a policy that is fitted on the very same turns.
    """
    for _ in range(runs):
        world = Topics(("a", "b", "c"), rng.uniform(0.15, 0.85, (4, 3)))
        logging = 0.85 * softmax(rng.normal(size=(4, 3))) + 0.05
        target = 0.94 * np.eye(3)[world.quality.argmax(1)] + 0.02
        table, topic = world.table(CONVERSATIONS, logging, rng)
        truth = float((target * world.quality).sum(1).mean())
        found = fit(table, Traits(Hashed(1), world.members))
        logged = (table.chances, table.drawn, table.rewards, table.clusters)
        value = judge(target[topic], *logged, found.expected)
        held = {e.method: e.low <= truth <= e.high for e in (value.ips, value.snips, value.dr)}
        yield held | {"learned": _learned(world, table, topic, found)}


def _learned(world: Topics, table: Table, topic: np.ndarray, found: Fit) -> bool:
    """Whether the interval of the cross-fitted policies' value holds what they really earn."""
    fold, truth = folds(table.clusters, earnings.FOLDS), 0.0
    for which in range(earnings.FOLDS):
        earns = [
            found.crossed[(fold == which) & (topic == t)][0] @ world.quality[t]
            for t in range(len(world.quality))
        ]
        truth += float(np.mean(earns)) * (fold == which).mean()
    value = found.values["learned"].dr
    return bool(value.low <= truth <= value.high)


WORLDS: Mapping[str, Topics] = {
    "three specialists": Topics.specialists(3),
    "specialists, small differences": Topics.specialists(3, 0.6, 0.5),
    "eight specialists": Topics.specialists(8),
    "nothing to learn": Topics(("a", "b", "c"), np.full((3, 3), 0.5)),
    "one member is useless": Topics(
        ("a", "b", "useless"), np.array([[0.8, 0.35, 0.1], [0.35, 0.8, 0.1], [0.6, 0.6, 0.1]])
    ),
}


def gains(world: Topics, turns: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """What a policy fitted on that many logged turns really earns there, above uniform; what the
    best choice would; and the half-width of the interval that the fit itself gives."""
    traits = Traits(Hashed(2048), world.members)
    found = fit(Table.of(world.log(turns, Uniform(), rng), traits), traits)
    half = (found.advantage[2] - found.advantage[1]) / 2
    gain = earns(world, found.policy, min(turns, 5000), rng) - world.uniform
    return gain, world.oracle - world.uniform, half


def earns(world: Topics, policy: Learned, turns: int, rng: np.random.Generator) -> float:
    """The mean of what the policy's chances are truly worth, on fresh conversations."""
    earned = []
    while len(earned) < turns:
        for logged, quality in world.conversation(Uniform(), rng):
            chances = policy.chances(world.members, logged.conversation)
            earned.append(sum(chances[m] * q for m, q in zip(chances, quality, strict=True)))
    return float(np.mean(earned))


def main(argv: list[str]) -> int:
    """Both trials, printed; 130 when it is stopped."""
    from tqdm import tqdm

    parser = argparse.ArgumentParser(prog="python -m blend trials", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="trials of the intervals")
    parser.add_argument("--turns", type=int, default=20_000, help="logged turns to learn from")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    rng = np.random.default_rng(args.seed)
    held: Counter[str] = Counter()
    try:
        for run in tqdm(trials(args.runs, rng), total=args.runs, desc="intervals"):
            held.update(method for method, held_it in run.items() if held_it)
        print(f"95 % intervals that held the truth, of {args.runs}:")
        for method in ("IPS", "SNIPS", "DR", "learned"):
            print(f"  {method:8} {held[method] / max(args.runs, 1):.1%}")
        print(f"Learned from {args.turns:,} turns of uniform draws, above uniform:")
        for name, world in tqdm(WORLDS.items(), desc="worlds"):
            gain, best, half = gains(world, args.turns, rng)
            share = f"{gain / best:.0%} of the best" if best > 0 else "nothing to gain"
            print(f"  {name:31} {gain:+.3f} of {best:.3f}: {share} (its interval: ± {half:.3f})")
    except KeyboardInterrupt:
        print("blend trials: stopped: nothing was kept", file=sys.stderr)
        return 130
    return 0
