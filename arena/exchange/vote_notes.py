"""The reasons and the comment of a vote, in a row of our own export or of a form that is known."""

from reprlib import repr as brief

from arena.db.repositories.votes.reasons import LONGEST_COMMENT, LONGEST_REASON
from arena.db.rows import REASONS
from arena.exchange.vote_row import VoteRow
from blend.message import CONTROL


def vote_notes(row: VoteRow, texts: bool = True) -> dict[str, object]:
    """The reasons and the comment of a vote, as fields of `FinishedBattle`; none for a row of
    another arena, whose columns of these names are its own.

    texts: whether comments are read. Raises ValueError for one that the tables refuse.
    """
    if row.text("battle") is None and row.text("vote_form") is None:
        return {}
    reasons = [(*about, text) for name, about in REASONS.items() for text in _texts(row, name)]
    comment = row.get("comment") if texts else None
    if comment is not None:
        _check("comment", comment, LONGEST_COMMENT)
    return {"reasons": tuple(dict.fromkeys(reasons)), "comment": comment}


def _texts(row: VoteRow, name: str) -> list[str]:
    texts = row.get(name) or []
    if not isinstance(texts, list):
        raise ValueError(f"its {name} {brief(texts)} is no list")
    for text in texts:
        _check(name, text, LONGEST_REASON)
    return texts


def _check(name: str, text: object, longest: int) -> None:
    if not isinstance(text, str) or not 0 < len(text) <= longest or CONTROL.search(text):
        raise ValueError(f"its {name} {brief(text)} is no text of 1 to {longest:,} characters")
