"""A rating over time as a picture: a line in SVG, with words for who does not see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from arena.pages.leaderboard.axis import Axis
from arena.ranking.ratings import CENTRE
from arena.texts import Texts

SPAN = 40.0
"""Points that the picture spans at least: the first votes are no mountains."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The line's points as SVG writes them, in percent; marks at the left: (place, text); the first
    and the last day; and the same in a sentence."""

    points: str
    marks: tuple[tuple[float, str], ...]
    since: str
    until: str
    sentence: str


def trend(elo: Sequence[tuple[int, float, float]], texts: Texts) -> Trend | None:
    """The picture of (number of the vote, when, rating after it); None where there is no line."""
    if len(elo) < 2:
        return None
    axis = Axis.around(CENTRE, (), [rating for *_, rating in elo], SPAN)
    (_, first, began), (_, last, now) = elo[0], elo[-1]
    width = (last - first) or 1.0
    points = (
        f"{100 * (when - first) / width:.2f},{100 - axis.at(rating):.2f}" for _, when, rating in elo
    )
    words = {"began": f"{began:.0f}", "now": f"{now:.0f}", "n": elo[-1][0]}
    return Trend(
        points=" ".join(points),
        marks=tuple((100 - axis.at(mark), f"{mark:.0f}") for mark in axis.marks(4)),
        since=texts.date(first),
        until=texts.date(last),
        sentence=texts("contender.trend", **words),
    )
