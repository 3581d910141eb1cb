"""python -m arena study: do the intervals hold the truth, and do the tests find whom they should?

The measuring is in `arena.simulation.coverage`; here are the gates. The result is kept in the
README.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from tqdm import trange

from arena.command import SEED, at_least, finish
from arena.simulation.contexts.coverage import WORLDS, context_coverage
from arena.simulation.coverage import (
    ALONE,
    CLUSTERED,
    TIES,
    Progress,
    coverage,
    ranked_right,
    side_test,
    style_recovered,
)
from arena.simulation.personal_coverage import SIZES, personal_coverage, tastes_told_apart
from arena.simulation.sensitivity.judge_coverage import ALWAYS_FIRST, NoisyJudge, judged_coverage
from arena.simulation.sensitivity.power_coverage import power_held
from arena.simulation.sensitivity.tie_coverage import (
    FAR,
    FAR_TIED,
    TIED,
    TIED_CLUSTERED,
    better_model,
    tie_coverage,
)
from arena.simulation.sensitivity.voter_coverage import (
    COINS,
    FEW,
    JUDGES,
    TASTES,
    voter_coverage,
)

MODELS = {"davidson": "Davidson's model", "half_win": "the half win's rule"}

WORTH = {"left": "left", "turns": "a turn", "hand_offs": "a hand-off", "own_share": "own context"}
"""What is sought, by `arena.ranking.context.influences.NAMES`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a study: what was measured, what came out, and between what it must lie."""

    what: str
    value: float
    least: float = 0.0
    most: float = 1.0

    @property
    def holds(self) -> bool:
        return self.least <= self.value <= self.most

    def __str__(self) -> str:
        line = f"{self.what:67} {self.value:8.2%}"
        if (self.least, self.most) == (0.0, 1.0):
            return line
        gate = f"{self.least:.1%} to {self.most:.1%}"
        return f"{line}  {gate:16} {'holds' if self.holds else 'DOES NOT HOLD'}"


def main(argv: list[str]) -> int:
    """The study as a table on stdout; exit code 1 where a line does not hold."""
    parser = argparse.ArgumentParser(prog="python -m arena study", description=__doc__)
    add = parser.add_argument
    add("--sets", type=at_least(10), default=1000, help="data sets of 2,000 votes each")
    add("--seed", type=SEED, default=1)
    add("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args(argv)
    findings: list[Finding] = []
    stopped = "nothing is kept, start it again"
    if code := finish("study", lambda: findings.extend(study(args.sets, args.seed)), stopped):
        return code
    if args.json:
        rows = [{"what": f.what, "value": f.value, "holds": f.holds} for f in findings]
        print(json.dumps(rows, indent=1))
    else:
        print(*findings, sep="\n")
    return int(not all(finding.holds for finding in findings))


def study(sets: int, seed: int) -> Iterator[Finding]:
    """All of it; `sets` data sets of 2,000 votes for each kind of world."""
    rng = np.random.default_rng(seed)
    each: Progress = partial(trange, unit=" sets", leave=False)
    for kind, world in (("one taste", ALONE), ("visitors with tastes of their own", CLUSTERED)):
        found = coverage(world, sets, rng, each)
        for method in ("sandwich", "bootstrap"):
            yield Finding(f"95 % {method}, {kind}", found[method], 0.93, 0.97)
        yield Finding(f"as if alone, {kind}", found["as if alone"])
        yield Finding(f"rank range holds the true rank, {kind}", found["rank"], 0.95)
        yield Finding(f"told apart the right way round, {kind}", found["order"], 0.95)
    style = style_recovered(sets, rng, each)
    yield Finding("95 % of style's effects", style["effects"], 0.93, 0.97)
    yield Finding("95 % of ratings at equal style", style["ratings"], 0.93, 0.97)
    yield from _personal(sets, rng, each)
    yield from _ties(sets, rng, each)
    yield from _voters(sets, rng, each)
    yield from _power(sets, rng, each)
    yield from _judged(sets, np.random.default_rng(seed), each)
    right = ranked_right(sets // 10, rng, each)
    yield Finding("rank correlation with the truth, 20,000 votes", right, 0.97)
    for ties in TIES:
        found, at = side_test(ties, 5000, rng), f"{ties:.0%} ties"
        yield Finding(f"side test flags honest, {at}", found["honest"], 0, 0.005)
        yield Finding(f"side test flags one-sided, {at}", found["one-sided"], 0.95)
        yield Finding(f"the paper's test flags one-sided, {at}", found["paper, one-sided"])
    yield from _context(sets, np.random.default_rng(seed), each)


def _context(sets: int, rng: np.random.Generator, each: Progress) -> Iterator[Finding]:
    """What else sways votes: is what a blend gains through its context found, and nothing else?"""
    for kind, world in WORLDS.items():
        for name, (inside, found) in context_coverage(world, sets, rng, each).items():
            yield Finding(f"95 % {WORTH[name]}, {kind}", inside, 0.93, 0.97)
            if world.truth[name] and name != "left":
                yield Finding(f"found: {WORTH[name]}, {kind}", found)


def _personal(sets: int, rng: np.random.Generator, each: Progress) -> Iterator[Finding]:
    """The ranking of one visitor after few votes, with as many visitors as there are data sets."""
    for size in SIZES:
        after = f"own ranking after {size} votes"
        held = personal_coverage(size, False, sets, rng, each)
        yield Finding(f"95 % {after}, tastes as the prior says", held, 0.93, 0.97)
        near = personal_coverage(size, True, sets, rng, each)
        yield Finding(f"95 % {after}, tastes near to everybody's", near, 0.93)
        told = tastes_told_apart(size, sets, rng, each)
        yield Finding(f"{after}: called unlike others, and is not", told["alike"], 0, 0.07)
        yield Finding(f"{after}: called unlike others, and is the reverse", told["opposite"])


def _judged(sets: int, rng: np.random.Generator, each: Progress) -> Iterator[Finding]:
    """Battles that machines judged, by a judge of known noise and lean; data sets of 900 votes."""
    found = judged_coverage(NoisyJudge(), sets, rng, each)
    yield Finding("95 % of ratings by a noisy judge, by opener", found["ratings"], 0.93, 0.97)
    yield Finding("as if alone, by a noisy judge", found["as if alone"])
    yield Finding("95 % of its position bias", found["bias"], 0.93, 0.97)
    fair = judged_coverage(NoisyJudge(lean=0.0), sets, rng, each)["found out"]
    yield Finding("a bias is found where there is none", fair, 0.0, 0.07)
    first = judged_coverage(ALWAYS_FIRST, sets, rng, each)["found out"]
    yield Finding("a judge that always prefers the first is found out", first, 1.0)


def _ties(sets: int, rng: np.random.Generator, each: Progress) -> Iterator[Finding]:
    """Davidson's model, and which model of ties is said to be better."""
    for kind, world in (("one taste", TIED), ("tastes of their own", TIED_CLUSTERED)):
        found = tie_coverage(world, sets, rng, each)
        yield Finding(f"95 % of ratings by Davidson's model, {kind}", found["ratings"], 0.93, 0.97)
        yield Finding(f"95 % of the share of ties, {kind}", found["ties"], 0.93, 0.97)
    for name, world, other in (("davidson", FAR_TIED, "half_win"), ("half_win", FAR, "davidson")):
        said = better_model(world, sets // 10, rng, each)
        after = f"better after 20,000 votes by {MODELS[name]}"
        yield Finding(f"called {after}", said[name], 0.8)
        yield Finding(f"the other called {after}", said[other], 0, 0.05)


def _voters(sets: int, rng: np.random.Generator, each: Progress) -> Iterator[Finding]:
    """Voters of two kinds; in the last world nobody tosses coins, but tastes differ."""
    for kind, world in (("none", JUDGES), ("30 %", COINS), ("30 %, 3 votes each", FEW)):
        found, coins = voter_coverage(world, sets, rng, each), f"coin tossers: {kind}"
        yield Finding(f"95 % of ratings by who judges, {coins}", found["ratings"], 0.93, 0.97)
        yield Finding(f"as if all judged, {coins}", found["plain"])
        # A share of nothing is at the end of what is possible: 95 % or more.
        most = 1.0 if world is JUDGES else 0.97
        yield Finding(f"95 % of the share of {coins}", found["share"], 0.93, most)
    found = voter_coverage(TASTES, sets, rng, each)
    yield Finding("share of coin tossers found where tastes differ instead", found["found"])


def _power(sets: int, rng: np.random.Generator, each: Progress) -> Iterator[Finding]:
    """Neighbours after as many more votes as were said to be needed."""
    told = power_held(sets, rng, each)
    for chance, share in (("even", 0.5), ("likely", 0.8)):
        after, gate = f"told apart after the votes for {share:.0%}", (share - 0.05, share + 0.05)
        yield Finding(f"{after}, differences being as seen", told[chance], *gate)
        yield Finding(f"{after}, differences being as before", told[f"{chance}, true"])
