"""How good a judge is, as far as its own verdicts tell; and how far two judges agree. Pure.

Clusters are what hangs together: battles that begin with the same message.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blend.evaluation import clustered, shares
from blend.evaluation.resample import Estimate
from blend.judging.verdicts import Outcome, Verdicts

CHOICES = ("left", "right", "tie")
"""What a pair of readable answers chooses; torn is a tie."""


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """What a judge's verdicts tell of it. Shares are of all battles, `torn` of those that can be
    read.

    position_bias: the mean lean of those, from -1, where the second is always preferred, to 1.
    """

    battles: int
    unreadable: Estimate
    torn: Estimate | None
    position_bias: Estimate | None


def judge_report(verdicts: Sequence[Verdicts], clusters: Sequence[int]) -> JudgeReport:
    """Of at least one battle; clusters: the number of each battle's cluster."""
    groups = np.unique(np.asarray(clusters), return_inverse=True)[1]
    outcomes = np.array([each.outcome for each in verdicts])
    unreadable = outcomes == "unreadable"
    leans = np.array([each.lean for each in verdicts if each.lean is not None])
    readable = groups[~unreadable]
    return JudgeReport(
        len(verdicts),
        share(unreadable, groups),
        share(outcomes[~unreadable] == "torn", readable) if len(leans) else None,
        mean_lean(leans, readable) if len(leans) else None,
    )


def share(of: np.ndarray, clusters: np.ndarray) -> Estimate:
    """The share of the battles that `of` (n,) says yes to, with Wilson's interval by cluster."""
    found = shares.wilson(*(np.bincount(clusters, x) for x in (of, np.ones(len(of)))))
    return Estimate(*(min(1.0, max(0.0, each)) for each in found))  # rounding may pass an end


def mean_lean(leans: np.ndarray, clusters: np.ndarray) -> Estimate:
    """The mean of leans (n,), from -1 to 1, with its interval by cluster."""
    return clustered_mean(leans, clusters, -1, 1)


def clustered_mean(
    values: np.ndarray, clusters: np.ndarray, least: float, most: float, level: float = 0.95
) -> Estimate:
    """The mean of values (n,) that lie between two bounds, with its interval by cluster.

    Where all are alike their variance is 0 and tells nothing: then the interval is Wilson's for so
    many clusters.
    """
    from scipy.special import ndtri

    groups = np.unique(clusters, return_inverse=True)[1]
    mean = float(values.mean())
    if np.ptp(values) == 0:
        place = (mean - least) / (most - least)
        bounds = shares.wilson_bounds(place, groups.max() + 1, float(ndtri((1 + level) / 2)))
        low, high = (least + (most - least) * float(bound) for bound in bounds)
    else:
        sums = np.bincount(groups, values - mean) / len(values)
        half = float(clustered.half_width(sums, level))
        low, high = mean - half, mean + half
    return Estimate(mean, max(float(least), low), min(float(most), high))


def choice(outcome: Outcome) -> str | None:
    """The vote that both orders make together; None where there is none."""
    return None if outcome == "unreadable" else "tie" if outcome == "torn" else outcome


def kappa(first: Sequence[str], second: Sequence[str], clusters: Sequence[int]) -> Estimate | None:
    """Cohen's kappa (1960) of two judges' choices on the same battles, 1 where they always agree
    and 0 where they agree as often as chance would; None where one always chooses the same: then
    it is 0 whatever the other does.

    The interval is a jackknife's, one cluster left out at a time; without end where there is one.
    """
    if min(len({*first}), len({*second})) < 2:
        return None
    groups = np.unique(np.asarray(clusters), return_inverse=True)[1]
    cells = [CHOICES.index(a) * 3 + CHOICES.index(b) for a, b in zip(first, second, strict=True)]
    counts = np.zeros((groups.max() + 1, 9))
    np.add.at(counts, (groups, cells), 1)
    whole = _kappas(counts.sum(axis=0)[None])[0]
    rest = _kappas(counts.sum(axis=0) - counts)
    rest = np.where(np.isnan(rest), whole, rest)
    n = len(rest)
    half = float(clustered.half_width((rest - rest.mean()) * (n - 1) / n)) if n > 1 else np.inf
    return Estimate(float(whole), max(-1.0, float(whole) - half), min(1.0, float(whole) + half))


def _kappas(counts: np.ndarray) -> np.ndarray:
    """(n,) of tables (n, 9): rows are the first judge's choices; nan where chance agrees always."""
    tables = counts.reshape(-1, 3, 3)
    totals = tables.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        agreed = np.trace(tables, axis1=1, axis2=2) / totals
        chance = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / totals**2
        return np.where(chance < 1, (agreed - chance) / (1 - chance), np.nan)
