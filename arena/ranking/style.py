"""Style control: ratings after what length and markdown sway is taken out.

Long and decorated replies win votes as such; here their part is a covariate of its own, so that
the strengths are those at equal style (Li and others, Does style matter?, LMSYS 2024).
"""

from dataclasses import dataclass, replace

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.covariates import fit_covariates
from arena.ranking.ratings import MINIMUM, SCALE, Ratings, Z, anchor_index, make_ratings
from arena.texts import ENGLISH, Texts

MARKS = ("characters", "headers", "lists", "bold")
"""The order of the last axis of the column `style`."""

PENALTY = 1.0
"""L2 on the standardised coefficients: about as much as one vote says."""

TWICE = 1 / 3
"""The contrast of a side with twice as much as the other: (2a - a) / (2a + a)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What twice as much of a mark is worth to a reply, in points, with its 95 % interval."""

    name: str
    points: float
    low: float
    high: float


def contrasts(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(n, 4) of the counts (n, 4) of MARKS on each side: (a - b) / (a + b + 1), NaN if unknown."""
    return (left - right) / (left + right + 1)


def rate_at_equal_style(
    ballots: Ballots, anchor: str | None = None, minimum: int = MINIMUM
) -> tuple[Ratings, tuple[Effect, ...]]:
    """Ratings with the column `style` as covariates, and what style is worth.

    Contrasts are standardised by their root mean square and not centred, so that swapping all
    sides changes nothing. A mark that never differs has effect 0 and an interval as wide as the
    penalty leaves it. Votes of unknown style are left out, and the notes say how many. Raises
    ValueError where the column was not read.
    """
    every, ballots = len(ballots), with_style(ballots)
    fixed = anchor_index(ballots, anchor)
    style, size = standardised(ballots)
    model = fit_covariates(ballots, style, fixed, PENALTY)
    ratings = make_ratings(ballots.counts(), model.xi, model.covariance, fixed, minimum)
    ratings = replace(ratings, notes=style_notes(ratings.notes, len(ballots), every))
    scale = SCALE * TWICE / size
    worth = scale * model.beta
    half = Z * scale * np.sqrt(np.diag(model.covariance)[-len(MARKS) :].clip(min=0))
    columns = (MARKS, worth.tolist(), (worth - half).tolist(), (worth + half).tolist())
    return ratings, tuple(Effect(*row) for row in zip(*columns, strict=True))


def with_style(ballots: Ballots) -> Ballots:
    """Those whose style is known. Raises ValueError where the column was not read."""
    return ballots.where(~np.isnan(ballots.column("style")).any(1))


def standardised(ballots: Ballots) -> tuple[np.ndarray, np.ndarray]:
    """(n, 4) the column `style` over (4,) its root mean square, and that; 1 where it is 0."""
    style = ballots.column("style")
    size = np.sqrt(np.square(style).mean(0)) if len(ballots) else np.ones(len(MARKS))
    size[size == 0] = 1.0
    return style / size, size


def style_notes(
    notes: tuple[str, ...], known: int, votes: int, texts: Texts = ENGLISH
) -> tuple[str, ...]:
    """The notes on ratings at equal style, which use `known` of the votes.

    notes: those on the same ratings as such.
    """
    if known == votes:
        return notes
    if not known:
        return (texts("ranking.style_unknown", n=votes),)
    return (texts("ranking.style_known", known=known, n=votes), *notes)
