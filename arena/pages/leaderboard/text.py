"""The leaderboard in words: what it rests on, what limits it, how firm it is, where to get it."""

from html import escape
from urllib.parse import urlencode

from arena.models import JUDGED
from arena.pages.templates import render
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.context.influences import influence_sentences
from arena.ranking.slices import CATEGORY
from arena.texts import Texts


def headline(sentence: str) -> str:
    """What stands on top, as HTML: the names in it are no markup."""
    return f"<h2>{escape(sentence)}</h2>"


def notice(sentence: str) -> str:
    """A sentence that must not be overlooked, as HTML."""
    return f'<p class="notice" role="note">{escape(sentence)}</p>'


def banner(board: Leaderboard, texts: Texts) -> str:
    """Whose votes these are, where they are not this site's own; else nothing."""
    if board.data.source == "own":
        return ""
    sentences = [texts(f"board.banner_{board.data.source}")]
    if board.judges:
        sentences += filter(None, [board.judges.warning(texts)])
    if not board.data.stored:
        sentences.append(texts("board.not_stored"))
    return notice(" ".join(sentences))


def totals(board: Leaderboard, now: float, texts: Texts) -> str:
    """How much the board rests on, and as of when."""
    counted = texts("board.counted", counted=board.counted, n=board.votes)
    clusters = "openers" if board.data.source == JUDGED else "visitors"
    visitors = texts(f"board.{clusters}", n=board.ballots.visitors)
    parts = [
        f"{counted}, {visitors}",
        texts("board.void", n=board.data.excluded.void),
        texts("board.as_of", when=texts.moment(now)),
    ]
    if board.rated_votes != board.counted:
        parts.insert(1, texts("board.shown", n=board.rated_votes))
    return " · ".join(parts)


def below(board: Leaderboard, now: float, texts: Texts) -> str:
    """What stands under the table, as HTML: totals, downloads, what limits the numbers, how firm
    they are."""
    return render(
        "firmness.html",
        texts,
        totals=totals(board, now, texts),
        files=[(kind, file_address(board, kind)) for kind in ("csv", "json")],
        notes=notes(board, texts),
        judges=board.judges.sentences(texts) if board.judges else [],
        side=board.standing.side,
        upset=board.standing.upset,
        effects=board.standing.effects,
        influences=influence_sentences(board.standing.influences, texts),
    )


def notes(board: Leaderboard, texts: Texts) -> list[str]:
    """What limits the numbers, if anything, in sentences."""
    ratings = board.standing.ratings
    sentences = list(board.standing.notes(texts))
    if any(row.preliminary for row in ratings.rows):
        sentences.append(texts("board.preliminary_note", n=ratings.minimum))
    if board.query.by == CATEGORY:
        sentences.append(texts("board.category.overlap"))
    return sentences


def file_address(board: Leaderboard, kind: str) -> str:
    """Where this very board can be had as a file."""
    query = board.query
    values = {"source": board.data.source, "part": query.part, "style": "1" * query.style}
    values |= {"by": query.by} if query.part else {}
    asked = urlencode({key: value for key, value in values.items() if value})
    return f"leaderboard.{kind}?{asked}"
