"""A visitor's own ranking as a table, each rating drawn in its row beside everybody's."""

from collections.abc import Mapping
from dataclasses import dataclass

from arena.pages.leaderboard.axis import Axis, AxisBar
from arena.pages.leaderboard.table import SPAN, contender_link, rank_text
from arena.pages.templates import render
from arena.pages.votes.standing import Standing
from arena.ranking.personal.ranking import OwnRating
from arena.ranking.ratings import CENTRE, Rating
from arena.texts import Texts

TASTES = {1: "votes.higher", -1: "votes.lower"}


@dataclass(frozen=True, slots=True)
class DrawnRating:
    """A rating as the table shows it: who rates, the rank, the number, its interval, its bar."""

    who: str
    rank: str
    rating: str
    interval: str
    bar: AxisBar


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A contender as the visitor rates it and as everybody does, if anybody else does.

    href: its page. number: of its colour, None where it has none. taste: what marks it.
    """

    name: str
    href: str
    number: int | None
    taste: str
    own: DrawnRating
    everybody: DrawnRating | None
    votes: str


def own_table(place: Standing, colours: Mapping[str, str], texts: Texts) -> str:
    """The table as HTML, best first; nothing where there is no ranking yet."""
    if not place.ranking:
        return ""
    axis = own_axis(place)
    numbers = {name: number for number, name in enumerate(colours)}
    return render(
        "own_ranking.html",
        texts,
        rows=[
            OwnRow(
                name=own.name,
                href=contender_link(own.name, "own"),
                number=numbers.get(own.name),
                taste=_taste(place, own.name, texts),
                own=_drawn(texts("votes.you"), own, axis, texts),
                everybody=theirs and _drawn(texts("votes.everybody"), theirs, axis, texts),
                votes=texts.number(own.votes),
            )
            for own, theirs in place.ranking
        ],
        middle=axis.at(CENTRE),
        marks=[(axis.at(mark), f"{mark:.0f}") for mark in axis.marks(4)],
    )


def own_axis(place: Standing) -> Axis:
    """One axis for all ratings; the visitor's own intervals, wide while votes are few, may be cut
    where they reach further than twice as far as anybody's rating."""
    points = [row.rating for pair in place.ranking for row in pair if row]
    most = max(SPAN, *(abs(point - CENTRE) for point in points))
    ends = [end for pair in place.ranking for row in pair if row for end in (row.low, row.high)]
    seen = [min(max(end, CENTRE - 2 * most), CENTRE + 2 * most) for end in ends]
    return Axis.around(CENTRE, seen, points, SPAN)


def _drawn(who: str, row: OwnRating | Rating, axis: Axis, texts: Texts) -> DrawnRating:
    low, high = f"{row.low:.0f}", f"{row.high:.0f}"
    return DrawnRating(
        who,
        rank_text(row, texts),
        f"{row.rating:.0f}",
        texts("votes.interval", low=low, high=high),
        axis.bar(row.low, row.rating, row.high),
    )


def _taste(place: Standing, name: str, texts: Texts) -> str:
    found = place.agreement.tastes.get(name, 0)
    return texts(TASTES[found]) if found else ""
