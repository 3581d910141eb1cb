"""What a board depends on, in words and tables: more votes, other models of ties, other voters."""

from collections.abc import Collection, Sequence

from arena.pages.leaderboard.text import file_address
from arena.pages.templates import html_table, render
from arena.plural import two_digits
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.ratings import Rating, Ratings
from arena.ranking.sensitivity.analysis import Sensitivity, moved_places
from arena.ranking.sensitivity.power import PairPower, VotesNeeded
from arena.texts import Texts


def dependence(board: Leaderboard, found: Sensitivity, texts: Texts) -> str:
    """All of it as HTML."""
    return render(
        "sensitivity.html",
        texts,
        power=power_table(board.standing.power, texts),
        sentences=sentences(board, found, texts),
        ratings=ratings_table(board, found, texts),
        file=f"{file_address(board, 'json')}&sensitivity=1",
    )


def power_table(power: Sequence[PairPower], texts: Texts) -> str:
    """Each two neighbours, and the votes that it takes to tell them apart."""
    heads = [texts(f"board.power_{name}") for name in ("pair", "apart", "even", "likely")]
    rows = [
        [
            texts("board.power_over", ahead=pair.ahead, behind=pair.behind),
            texts("board.points", points=pair.difference),
            _needed(pair.even, texts),
            _needed(pair.likely, texts),
        ]
        for pair in power
    ]
    return html_table(texts("board.power"), heads, rows, texts) if rows else ""


def sentences(board: Leaderboard, found: Sensitivity, texts: Texts) -> list[str]:
    """What other models say, and whose place they change."""
    ties, loss, voters = found.ties, found.held_out, found.voters
    retired = board.retired
    said = [texts("board.ties", share=_share(ties, texts))]
    if loss:
        interval = {name: 1000 * getattr(loss, name) for name in ("gain", "low", "high")}
        said.append(texts(f"board.foretells_{loss.better or 'neither'}", **interval))
    said.append(_places("ties", found.half_win, ties.ratings, retired, texts))
    if voters:
        said.append(texts("board.coins", n=voters.voters, share=_share(voters, texts)))
        said.append(_places("coins", voters.plain, voters.ratings, retired, texts))
    return said


def ratings_table(board: Leaderboard, found: Sensitivity, texts: Texts) -> str:
    """The ratings by each model, with their intervals, best first."""
    fits = {"half": found.half_win, "davidson": found.ties.ratings}
    if found.voters:
        fits |= {"decided": found.voters.plain, "judges": found.voters.ratings}
    heads = [texts("board.contender"), *(texts(f"board.rated_{name}") for name in fits)]
    rows = [
        [row.name, *(_rating(fit[row.name], texts) for fit in fits.values())]
        for row in board.standing.ratings.rows
        if row.name not in board.retired
    ]
    return html_table(texts("board.rated"), heads, rows, texts)


def _needed(votes: VotesNeeded | None, texts: Texts) -> str:
    if votes is None:
        return texts("board.power_unknown")
    if not votes.all:
        return texts("board.power_enough")
    if not votes.between:
        return texts("board.power_apart_votes", votes=two_digits(votes.all))
    values = {"votes": two_digits(votes.all), "between": two_digits(votes.between)}
    return texts("board.power_votes", **values)


def _rating(row: Rating, texts: Texts) -> str:
    interval = texts("board.interval", low=f"{row.low:.0f}", high=f"{row.high:.0f}")
    return f"{row.rating:.0f} ({interval})"


def _share(of: object, texts: Texts) -> str:
    value, low, high = (texts.percent(x) for x in (of.share, of.low, of.high))
    return f"{value} ({texts('board.interval', low=low, high=high)})"


def _places(
    name: str, before: Ratings, after: Ratings, retired: Collection[str], texts: Texts
) -> str:
    moved = moved_places(before, after, retired)
    if not moved:
        return texts(f"board.{name}_places_same")
    return texts(f"board.{name}_places", who=texts.listed(moved))
