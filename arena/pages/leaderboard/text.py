"""The leaderboard in words: its table, what it rests on, how firm it is, who its contenders are."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from arena.pages.templates import render
from arena.plural import many
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.board.profiles import Profile
from arena.ranking.format import SOURCE_LABELS, STYLE_LABELS
from arena.ranking.ratings import Ratings

COLUMNS = {
    "Rank": "str",
    "Contender": "str",
    "Rating": "number",
    "95 % interval": "str",
    "Battles": "number",
    "Win %": "number",
    "Tie %": "number",
    "Both bad %": "number",
    "Note": "str",
}

WIDTHS = ["90px", "200px", "95px", "165px", "105px", "95px", "95px", "130px", "140px"]


def headline(sentence: str) -> str:
    """What stands on top, as HTML: the names in it are no markup."""
    return f"<h2>{escape(sentence)}</h2>"


def banner(board: Leaderboard) -> str:
    """Whose votes these are, where they are not this site's own; else nothing."""
    if board.data.source == "own":
        return ""
    sentences = f"These are {SOURCE_LABELS[board.data.source]}."
    if not board.data.stored:
        sentences += " They are not stored, and go as soon as you choose something else."
    return f'<p class="notice" role="note">{escape(sentences)}</p>'


def totals(board: Leaderboard, now: float) -> str:
    """How much the board rests on, and as of when."""
    when = datetime.fromtimestamp(now, UTC).strftime("%d %B %Y, %H:%M:%S UTC")
    people, void = many(board.ballots.visitors, "visitor"), board.data.excluded.void
    sentences = [
        f"{board.counted:,} of {many(board.votes, 'vote')} counted, from {people}",
        f"{many(void, 'battle')} skipped or void",
    ]
    if board.rated_votes != board.counted:
        sentences.insert(1, f"{many(board.rated_votes, 'vote')} of them shown")
    return " · ".join([*sentences, f"as of {when}"])


def notes(board: Leaderboard) -> str:
    """What limits the numbers, if anything, as HTML."""
    ratings = board.standing.ratings
    sentences = list(ratings.notes)
    if any(row.preliminary for row in ratings.rows):
        sentences.append(f"Open circles are preliminary: under {ratings.minimum} battles.")
    return escape(" ".join(sentences))


def table(ratings: Ratings) -> list[list[object]]:
    """The rows under COLUMNS."""
    return [
        [
            f"{row.rank}" if row.rank == row.worst else f"{row.rank} to {row.worst}",
            row.name,
            round(row.rating),
            f"{row.low:.0f} to {row.high:.0f}",
            row.battles,
            *(round(100 * n / max(row.battles, 1)) for n in (row.wins, row.ties, row.both_bad)),
            "preliminary" if row.preliminary else "",
        ]
        for row in ratings.rows
    ]


def firmness(board: Leaderboard) -> str:
    """The side's pull, the votes that would turn the top, what style is worth: a list in HTML."""
    return render(
        "firmness.html",
        side=board.standing.side,
        upset=board.standing.upset,
        effects=[(STYLE_LABELS[effect.name], effect) for effect in board.standing.effects],
    )


def links(board: Leaderboard) -> str:
    """Where this very board can be had as a file."""
    query = board.query
    values = {"source": board.data.source, "part": query.part, "style": "1" * query.style}
    values |= {"by": query.by} if query.part else {}
    parameters = escape(urlencode({key: value for key, value in values.items() if value}))
    return (
        f'Download: <a href="leaderboard.csv?{parameters}" download>the table as CSV</a> · '
        f'<a href="leaderboard.json?{parameters}" download>everything as JSON</a>'
    )


def contenders(profiles: Iterable[Profile], colours: Mapping[str, str], own: bool = True) -> str:
    """What each contender is and how often it was drawn, most often first, as HTML.

    own: whether they fight on this site, so that it can be told which of them are up.
    """
    ordered = sorted(profiles, key=lambda each: (-each.exposure.drawn, each.name))
    battles = sum(each.exposure.drawn for each in ordered) / 2
    return render("contenders.html", profiles=ordered, battles=battles, colours=[*colours], own=own)
