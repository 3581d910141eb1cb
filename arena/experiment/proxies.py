"""What speaks sooner than retention: conversation length, prompt answers, retries, thumbs."""

from dataclasses import dataclass

import numpy as np

from arena.experiment.cohort import COUNTS, MIN_VISITORS, Cohort, Z

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
    """Those proxies of PROXIES to which at least SMALLEST visitors contributed."""
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


def mean(x: np.ndarray, m: np.ndarray) -> tuple[float, float, float]:
    """Σx/Σm over visitors (v,), with a 95 % interval by linearisation; visitors are independent."""
    value = x.sum() / m.sum()
    half = Z * np.sqrt(_variance(x, m, value))
    return float(value), float(value - half), float(value + half)


def wilson(x: np.ndarray, m: np.ndarray) -> tuple[float, float, float]:
    """The share Σx/Σm with Wilson's 95 % interval (1927) on the effective sample size.

    What one visitor does m times is not m independent things: Σm is divided by the design effect,
    the variance between visitors over that of independent answers, where that is above 1 (Korn and
    Graubard, 1998). All or none tell no variance: then n is the number of visitors.
    """
    total, n = m.sum(), float((m > 0).sum())
    p = x.sum() / total
    alone = p * (1 - p) / max(1, total - 1)
    if alone > 0:
        n = total / max(1.0, _variance(x, m, p) / alone)
    return float(p), *map(float, wilson_bounds(p, n))


def wilson_bounds(p: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's 95 % interval of shares p, each of n independent answers."""
    centre, scale = p + Z**2 / (2 * n), 1 + Z**2 / n
    half = Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return (centre - half) / scale, (centre + half) / scale


def _variance(x: np.ndarray, m: np.ndarray, ratio: float) -> float:
    visitors = max(2, (m > 0).sum())
    return float(((x - ratio * m) ** 2).sum() / m.sum() ** 2 * visitors / (visitors - 1))
