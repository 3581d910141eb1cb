"""Shares and means over visitors, with their 95 % intervals: what one does often is one opinion."""

import numpy as np

Z = 1.959964
"""Half-width of a 95 % interval in standard errors."""


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


def wilson_bounds(p: np.ndarray, n: np.ndarray, z: float = Z) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of shares p, each of n independent answers; a 95 % one where z is Z."""
    centre, scale = p + z**2 / (2 * n), 1 + z**2 / n
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (centre - half) / scale, (centre + half) / scale


def _variance(x: np.ndarray, m: np.ndarray, ratio: float) -> float:
    visitors = max(2, (m > 0).sum())
    return float(((x - ratio * m) ** 2).sum() / m.sum() ** 2 * visitors / (visitors - 1))
