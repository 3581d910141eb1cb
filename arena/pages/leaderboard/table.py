"""The board's table: who is on it, each with its rating drawn in the row, and who is retired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from arena.pages.leaderboard.axis import Axis, AxisBar
from arena.pages.templates import render
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.board.profiles import Profile
from arena.ranking.board.reasons import ReasonShares
from arena.ranking.ratings import CENTRE, Rating
from arena.texts import Texts

SPAN = 100.0
"""Points that the axis spans at least: two that are nearly equal must not look far apart."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A contender as the table shows it: texts, the bar, and what marks it.

    href: its page. number: of its colour, None where it has none. members: how many a blend has.
    why: the reason that visitors gave most often for it.
    """

    name: str
    href: str
    number: int | None
    members: int
    focus: bool
    preliminary: bool
    rank: str
    rating: str
    interval: str
    bar: AxisBar
    won: str
    battles: str
    why: str


def board_table(board: Leaderboard, colours: Mapping[str, str], focus: str, texts: Texts) -> str:
    """The table as HTML, best first; the retired, folded, below it."""
    axis = rating_axis(board)
    rows = board_rows(board, axis, [*colours], focus, texts)
    return render(
        "board.html",
        texts,
        rows=[row for row in rows if row.name not in board.retired],
        retired=[row for row in rows if row.name in board.retired],
        middle=axis.at(CENTRE),
        marks=[(axis.at(mark), f"{mark:.0f}") for mark in axis.marks()],
        reasons=any(row.why for row in rows),
    )


def rating_axis(board: Leaderboard) -> Axis:
    """One axis for all rows: whoever is preliminary, or retired, may have its interval cut."""
    rows = board.standing.ratings.rows
    firm = [row for row in rows if not row.preliminary and row.name not in board.retired]
    ends = [end for row in firm or rows for end in (row.low, row.high)]
    return Axis.around(CENTRE, ends, [row.rating for row in rows], SPAN)


def board_rows(
    board: Leaderboard, axis: Axis, names: Sequence[str], focus: str, texts: Texts
) -> list[BoardRow]:
    """All rows, best first. names: of the contenders that have a colour, in its order."""
    profiles = {profile.name: profile for profile in board.profiles}
    numbers = {name: number for number, name in enumerate(names)}
    return [
        _row(row, profiles[row.name], axis, numbers.get(row.name), row.name == focus, board, texts)
        for row in board.standing.ratings.rows
    ]


def contender_link(name: str, source: str) -> str:
    """The address of a contender's page, from any page of the site."""
    return "contender?" + urlencode(
        {"name": name} | ({"source": source} if source != "own" else {})
    )


def rank_text(row: Rating, texts: Texts) -> str:
    """The ranks that the intervals allow."""
    if row.rank == row.worst:
        return texts.number(row.rank)
    return f"{texts.number(row.rank)}–{texts.number(row.worst)}"


def _row(
    row: Rating,
    profile: Profile,
    axis: Axis,
    number: int | None,
    focus: bool,
    board: Leaderboard,
    texts: Texts,
) -> BoardRow:
    return BoardRow(
        name=row.name,
        href=contender_link(row.name, board.data.source),
        number=number,
        members=len(profile.members),
        focus=focus,
        preliminary=row.preliminary,
        rank=rank_text(row, texts),
        rating=f"{row.rating:.0f}",
        interval=texts("board.interval", low=f"{row.low:.0f}", high=f"{row.high:.0f}"),
        bar=axis.bar(row.low, row.rating, row.high),
        won=texts.percent(row.wins / row.battles) if row.battles else "–",
        battles=texts.number(row.battles),
        why=_main_reason(board.reasons.get(profile.id), texts),
    )


def reason_text(reason: str, texts: Texts) -> str:
    """A reason in the page's language; the host's own, which are no names of texts, as they are."""
    return texts.named(f"reasons.{reason}", reason)


def _main_reason(reasons: ReasonShares | None, texts: Texts) -> str:
    """What was said most often for a contender, with its share; empty where nothing was."""
    good = (each for each in reasons.shares if each.kind == "good") if reasons else ()
    for each in good:
        share = texts.percent(each.share)
        return texts("board.reason", reason=reason_text(each.reason, texts), share=share)
    return ""
