"""python -m arena study: do the intervals hold the truth, and do the tests find whom they should?

The measuring is in `arena.coverage`; here are the gates. The result is kept in the README.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from arena.coverage import (
    ALONE,
    CLUSTERED,
    TIES,
    Each,
    coverage,
    ranked_right,
    side_test,
    style_recovered,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the study: what was measured, what came out, and between what it must lie."""

    what: str
    value: float
    least: float
    most: float

    @property
    def holds(self) -> bool:
        return self.least <= self.value <= self.most


def study(sets: int, seed: int, each: Each) -> list[Finding]:
    """All of it, with its gates; `sets` data sets of 2,000 votes for each kind of world."""
    rng = np.random.default_rng(seed)
    findings = []
    for kind, world in (("one taste", ALONE), ("visitors with tastes of their own", CLUSTERED)):
        found = coverage(world, sets, 2000, rng, each)
        for method in ("sandwich", "bootstrap"):
            findings.append(Finding(f"95 % {method}, {kind}", found[method], 0.93, 0.97))
        findings.append(Finding(f"as if alone, {kind}", found["as if alone"], 0.0, 1.0))
        findings.append(Finding(f"rank range holds the true rank, {kind}", found["rank"], 0.95, 1))
        findings.append(Finding(f"told apart the right way round, {kind}", found["order"], 0.95, 1))
    style = style_recovered(sets, 2000, rng, each)
    findings.append(Finding("95 % of style's effects", style["effects"], 0.93, 0.97))
    findings.append(Finding("95 % of ratings at equal style", style["ratings"], 0.93, 0.97))
    right = ranked_right(sets // 10, 20_000, rng, each)
    findings.append(Finding("rank correlation with the truth, 20,000 votes", right, 0.97, 1))
    for ties in TIES:
        found = side_test(ties, 5000, 100, rng)
        at = f"{ties:.0%} ties"
        findings.append(Finding(f"side test flags honest, {at}", found["honest"], 0, 0.005))
        findings.append(Finding(f"side test flags one-sided, {at}", found["one-sided"], 0.95, 1))
        paper = found["paper, one-sided"]
        findings.append(Finding(f"the paper's test flags one-sided, {at}", paper, 0, 1))
    return findings


def main(argv: list[str]) -> int:
    """The study as a table on stdout; exit code 1 where a line does not hold."""
    parser = argparse.ArgumentParser(prog="python -m arena study", description=__doc__)
    parser.add_argument("--sets", type=int, default=1000, help="data sets of 2,000 votes each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(argv)
    if options.sets < 10:
        print("arena study: --sets must be at least 10", file=sys.stderr)
        return 2
    try:
        findings = study(options.sets, options.seed, _with_a_bar)
    except KeyboardInterrupt:
        print("arena study: stopped: nothing is kept, start it again", file=sys.stderr)
        return 130
    if options.json:
        rows = [{"what": f.what, "value": f.value, "holds": f.holds} for f in findings]
        print(json.dumps(rows, indent=1))
    else:
        print("\n".join(map(_line, findings)))
    return 0 if all(finding.holds for finding in findings) else 1


def _with_a_bar(n: int) -> Iterator[int]:
    from tqdm import tqdm

    return iter(tqdm(range(n), unit=" sets", file=sys.stderr, leave=False))


def _line(finding: Finding) -> str:
    free = (finding.least, finding.most) == (0.0, 1.0)
    gate = "" if free else f"{finding.least:.1%} to {finding.most:.1%}"
    verdict = "" if free else "holds" if finding.holds else "DOES NOT HOLD"
    return f"{finding.what:67} {finding.value:8.2%}  {gate:16} {verdict}".rstrip()
