"""Do the fit's intervals hold? Losses are made from a known law, fitted, and compared with it.

python -m blend law-study [--runs 1000] makes that many data sets and prints how often the 95 %
intervals of A, α and L_∞ hold the truth; then it times the search through all pools.
"""

import argparse
import json
import time
from dataclasses import dataclass

import numpy as np

from blend.command_line import SEED, at_least, finish
from blend.evaluation.resample import resample
from blend.scaling import power_law
from blend.scaling.pools import pools

NAMES = ("A", "α", "L_∞")


@dataclass(frozen=True, slots=True)
class SyntheticLosses:
    """Losses from a known law, per byte: replies differ, those of a conversation alike.

    scale, exponent, floor: the law. spread: of how hard conversations and replies are, for all
    models; own: of what a model adds to that on a conversation and on a reply, as its share.
    """

    scale: float = 0.3
    exponent: float = 0.5
    floor: float = 0.8
    spread: float = 0.3
    own: float = 0.06
    sizes: tuple[float, ...] = (0.16, 0.25, 0.42, 0.62, 0.92, 1.4, 1.97, 3.0, 4.5, 6.8)
    conversations: int = 300
    replies: int = 10

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Losses (S, K) of the models, and the conversation (S,) of each reply."""
        size, models = self.conversations * self.replies, len(self.sizes)
        clusters = np.repeat(np.arange(self.conversations), self.replies)
        law = self.scale * np.array(self.sizes) ** -self.exponent + self.floor

        def factors(columns: int, spread: float) -> np.ndarray:
            """Half of the variance is the conversation's. Long-tailed, with a mean of one."""
            each = rng.normal(size=(size, columns))
            shared = rng.normal(size=(self.conversations, columns))[clusters]
            return np.exp(spread * (each + shared) / np.sqrt(2) - spread**2 / 2)

        return law * factors(1, self.spread) * factors(models, self.own), clusters


def intervals_hold(world: SyntheticLosses, rng: np.random.Generator) -> list[bool]:
    """Whether each interval of one data set holds the truth; none does where there is no fit."""
    losses, clusters = world.draw(rng)
    means = resample(clusters, np.ones(len(clusters)), rng, 499).means(losses)
    try:
        fitted = power_law.fit(1e6 * np.array(world.sizes), means)
    except power_law.UnfittableCurve:
        return [False] * len(NAMES)
    truths = (world.scale, world.exponent, world.floor)
    intervals = (fitted.scale, fitted.exponent, fitted.floor)
    return [e.low <= truth <= e.high for e, truth in zip(intervals, truths, strict=True)]


def coverage(runs: int, rng: np.random.Generator) -> dict[str, float]:
    """The share of `runs` data sets, each of a law of its own, whose intervals hold, by name."""
    from tqdm import tqdm

    results = []
    for _ in tqdm(range(runs), desc="fitting", leave=False, disable=None):
        law = rng.uniform(0.15, 0.5), rng.uniform(0.35, 1.0), rng.uniform(0.4, 1.5)
        results.append(intervals_hold(SyntheticLosses(*law), rng))
    return dict(zip(NAMES, np.mean(results, axis=0).tolist(), strict=True))


def seconds(rng: np.random.Generator, replies: int, members: int, largest: int) -> float:
    """How long a search through all pools up to `largest` and the greedy ones beyond takes."""
    losses = np.abs(rng.normal(60, 25, (replies, 1)) + rng.normal(0, 5, (replies, members)))
    began = time.perf_counter()
    pools(losses, rng.integers(100_000, 2_000_000, members), np.ones((replies, 2)), largest)
    return time.perf_counter() - began


def main(argv: list[str]) -> int:
    """The command; 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend law-study", description=__doc__)
    parser.add_argument("--runs", type=at_least(1), default=1000)
    parser.add_argument("--seed", type=SEED, default=1)
    parser.add_argument("--json", action="store_true", help="for programs")
    args = parser.parse_args(argv)
    return finish("blend law-study", lambda: study(args))


def study(args: argparse.Namespace) -> None:
    """Fit, time, print."""
    rng = np.random.default_rng(args.seed)
    shares = coverage(args.runs, rng)
    sizes = ((12, 12), (24, 4))
    times = {f"{n} members, up to {most}": seconds(rng, 5000, n, most) for n, most in sizes}
    if args.json:
        print(json.dumps({"runs": args.runs, "coverage": shares, "seconds": times}, indent=1))
        return
    print(f"the 95 % interval holds the truth, of {args.runs:,} data sets:")
    print("\n".join(f"  {name:4} {share:6.1%}" for name, share in shares.items()))
    print("all pools of 5,000 replies:")
    print("\n".join(f"  {what}: {took:.2f} s" for what, took in times.items()))
