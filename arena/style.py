"""Style control: ratings after what length and markdown sway is taken out.

Long and decorated replies win votes as such; here their part is a covariate of its own, so that
the strengths are those at equal style (Li and others, Does style matter?, LMSYS 2024).
"""

from dataclasses import dataclass, replace

import numpy as np

from arena.ballot import Ballots
from arena.covariates import Fit, fit
from arena.plural import many
from arena.rating import MINIMUM, SCALE, Ratings, Z, anchored, rated

MARKS = ("characters", "headers", "lists", "bold")
"""The order of the last axis of the column `style`."""

PENALTY = 1.0
"""L2 on the standardised coefficients: about as much as one vote says."""

TWICE = 1 / 3
"""The contrast of a side with twice as much as the other: (2a - a) / (2a + a)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What twice as much of a mark is worth to a reply, in rating points, with its 95 % interval.

    coefficient: in log-odds for a contrast of one.
    """

    name: str
    points: float
    low: float
    high: float
    coefficient: float


@dataclass(frozen=True, slots=True, eq=False)
class Styled:
    """The board at equal style, and what style is worth. Rests on `votes` whose style is known."""

    ratings: Ratings
    effects: tuple[Effect, ...]
    votes: int


def contrasts(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(n, 4) of the counts (n, 4) of MARKS on each side: (a - b) / (a + b + 1), NaN if unknown."""
    return (left - right) / (left + right + 1)


def styled(ballots: Ballots, anchor: str | None = None, minimum: int = MINIMUM) -> Styled:
    """Ratings with the column `style` as covariates, and their effects.

    Contrasts are standardised by their root mean square and not centred, so that swapping all
    sides changes nothing. A mark that never differs has effect 0 and an interval as wide as the
    penalty leaves it. Votes of unknown style are left out, and the notes say how many. Raises
    ValueError where the column was not read.
    """
    every, ballots = ballots, ballots.where(~np.isnan(ballots.column("style")).any(1))
    fixed = anchored(ballots, anchor)
    size = np.sqrt(np.square(ballots.column("style")).mean(0)) if len(ballots) else np.zeros(4)
    size = np.where(size > 0, size, 1.0)
    found = fit(ballots, ballots.column("style") / size, fixed, PENALTY)
    ratings = rated(ballots.counts(), found.xi, found.covariance, fixed, minimum)
    notes = _notes(ratings.notes, len(ballots), len(every))
    return Styled(replace(ratings, notes=notes), _effects(found, size), found.votes)


def _notes(notes: tuple[str, ...], known: int, votes: int) -> tuple[str, ...]:
    if known == votes:
        return notes
    of = many(votes, "vote")
    if not known:
        return (
            f"No length and markdown of the replies is known for the {of}, so there are no ratings "
            "at equal style: look at the ratings as they are.",
        )
    said = f"The length and markdown of the replies are known for {known:,} of the {of}"
    return (f"{said}: these ratings use no others.", *notes)


def _effects(found: Fit, size: np.ndarray) -> tuple[Effect, ...]:
    coefficient = found.beta / size
    half = Z * np.sqrt(np.diag(found.covariance)[-len(size) :].clip(min=0)) / size
    scale = SCALE * TWICE
    return tuple(
        Effect(name, scale * c, scale * (c - h), scale * (c + h), c)
        for name, c, h in zip(MARKS, coefficient.tolist(), half.tolist(), strict=True)
    )
