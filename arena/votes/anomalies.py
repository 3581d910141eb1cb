"""Visitors whose votes as a whole look wrong: always one side, or surprising ones too often.

Only the first test takes votes out of the count; the second is reported beside it.
"""

import numpy as np

from arena.ranking.ballots import CHOICES, Ballots
from arena.ranking.bradley_terry import SCORES

LEVEL = 0.001
"""A visitor is one-sided under this p-value."""

ENOUGH = 20
"""Decided votes from which on a visitor's share tells about the lean of all."""

LOOKS = (10, 25, 50, 100)
"""Numbers of votes after which the paper's test looks at a visitor; once more after the last."""

FALSE_ALARMS = 0.05
"""The share of honest visitors among the flagged that `benjamini_hochberg` allows."""

LEFT, RIGHT = CHOICES.index("left"), CHOICES.index("right")


def one_sided(ballots: Ballots) -> np.ndarray:
    """(v,) two-sided exact binomial p-values of each visitor's left votes among the decided ones.

    Sides are drawn by a coin, so an honest visitor's chance of a left vote is ½, or what all lean
    to: a lean shared by everybody is the page's, not a visitor's. Each visitor is therefore tested
    against the more fitting of ½ and the median visitor's share.
    """
    v = ballots.visitors
    left = np.bincount(ballots.visitor[ballots.choice == LEFT], minlength=v)
    right = np.bincount(ballots.visitor[ballots.choice == RIGHT], minlength=v)
    n = left + right
    many = n >= ENOUGH
    lean = float(np.median(left[many] / n[many])) if many.any() else 0.5
    lean = min(max(lean, 0.3), 0.7)
    return np.maximum(_binomial(left, n, 0.5), _binomial(left, n, lean))


def surprising(ballots: Ballots) -> np.ndarray:
    """(v,) p-values of the rule of Chatbot Arena (arXiv 2403.04132): surprising too often.

    `ballots` in the order of their time. A vote's p-value is (1 + #{h >= h_i}) / (n + 1), h the n
    earlier scores of its pair; a visitor's are combined by Fisher after each of LOOKS and after the
    last, upwards and downwards (the pair's order is arbitrary), Bonferroni-corrected for all of it.
    It is very conservative: with few outcomes the p-value of a common one is near one. Who always
    votes left is overlooked; who keeps voting against what nearly everybody sees is found.
    """
    v = ballots.visitors
    kept = np.flatnonzero(ballots.compares)
    left, right = ballots.left[kept], ballots.right[kept]
    pair = np.minimum(left, right).astype(np.int64) * len(ballots.names) + np.maximum(left, right)
    score = SCORES[ballots.choice[kept]]
    score = np.where(left < right, score, 1 - score)
    least = np.ones(v)
    for h in (score, 1 - score):
        surprise = -2 * np.log(_p_values(pair, h))
        least = np.minimum(least, _fisher(ballots.visitor[kept], surprise, v))
    return np.minimum(1, least * 2 * (len(LOOKS) + 1))


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """(v,) which of many p-values stand out, by Benjamini and Hochberg (1995)."""
    if not len(p):
        return np.zeros(0, bool)
    ordered = np.sort(p)
    passed = ordered <= FALSE_ALARMS * np.arange(1, len(p) + 1) / len(p)
    return p <= ordered[passed].max(initial=-1.0)


def _binomial(x: np.ndarray, n: np.ndarray, chance: float) -> np.ndarray:
    """Twice the smaller tail, at most 1."""
    from scipy.special import bdtr  # a quarter of a second, which no page needs to start

    below, above = bdtr(x, n, chance), bdtr(n - x, n, 1 - chance)
    return np.minimum(1, 2 * np.minimum(below, above))


def _p_values(pair: np.ndarray, score: np.ndarray) -> np.ndarray:
    """(n,) of votes in the order of their time: how rare so high a score was in its pair so far."""
    order = np.argsort(pair, kind="stable")
    ranked = score[order]
    first = np.flatnonzero(np.diff(pair[order], prepend=-1))
    size = np.diff(np.append(first, len(order)))
    before = np.arange(len(order)) - np.repeat(first, size)
    as_high = np.zeros(len(order))
    for level in (0.0, 0.5, 1.0):
        at = (ranked == level).astype(np.int64)
        earlier = np.cumsum(at) - at
        earlier -= np.repeat(earlier[first], size)
        as_high += np.where(level >= ranked, earlier, 0)
    p = np.empty(len(order))
    p[order] = (1 + as_high) / (before + 1)
    return p


def _fisher(visitor: np.ndarray, surprise: np.ndarray, v: int) -> np.ndarray:
    """(v,) smallest p-value of Fisher's statistic over the looks; 1 for who has not voted."""
    from scipy.special import chdtrc

    n = np.bincount(visitor, minlength=v)
    total = np.append(0.0, np.cumsum(surprise[np.argsort(visitor, kind="stable")]))
    start = np.cumsum(n) - n
    least = np.ones(v)
    for look in (*(np.minimum(look, n) for look in LOOKS), n):
        p = chdtrc(2 * np.maximum(look, 1), total[start + look] - total[start])
        least = np.where(look > 0, np.minimum(least, p), least)
    return least
