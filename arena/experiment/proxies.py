"""What speaks sooner than retention: conversation length, prompt answers, retries, thumbs."""

from dataclasses import dataclass

from arena.experiment.cohort import COUNTS, MIN_VISITORS, Cohort
from blend.evaluation.shares import mean, wilson

PROXIES = {
    "conversation length": ("turns", "conversations"),
    "answered within 180 s": ("answered", "replies"),
    "retry rate": ("retries", "replies"),
    "thumbs up": ("ups", "thumbs"),
}
"""Name → what is counted, over what. All but the first are shares."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """One number of one arm with its 95 % interval; `count` things were judged by `visitors`."""

    name: str
    value: float
    low: float
    high: float
    count: int
    visitors: int


def proxies(cohort: Cohort) -> tuple[Proxy, ...]:
    """Those proxies of PROXIES to which at least MIN_VISITORS visitors contributed."""
    columns = dict(zip(COUNTS, cohort.tallies.T.astype(float), strict=True))
    columns["thumbs"] = columns["ups"] + columns["downs"]
    result = []
    for name, (part, whole) in PROXIES.items():
        x, m = columns[part], columns[whole]
        visitors = int((m > 0).sum())
        if visitors >= MIN_VISITORS:
            interval = mean if part == "turns" else wilson
            result.append(Proxy(name, *interval(x, m), round(m.sum()), visitors))
    return tuple(result)
