"""One way to write votes: how a file of it is known, and which votes one row of it tells."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from arena.db.repositories.votes.reasons import LONGEST_COMMENT
from arena.exchange.transcript import as_list
from blend.message import CONTROL

FormRow = Mapping[str, object]
"""A row of a file as it is, or a vote in the columns of `arena.exchange.vote_row`."""

Votes = Callable[[FormRow], Iterable[FormRow]]
"""Of a row the votes that it tells. Raises NoVote where it tells none, ValueError where it cannot
be read."""


class NoVote(ValueError):
    """A row that is whole, but tells of no vote between two models; str() says why.

    The same words for all rows of a kind: they are counted by them.
    """


@dataclass(frozen=True, slots=True)
class VoteForm:
    """One tool's form.

    marks: the columns by which a file is known to be of it: all of them are there, and none of
    `without`. survey: where what one row tells depends on others, reads the rows once before.
    """

    name: str
    marks: frozenset[str]
    votes: Votes
    without: frozenset[str] = frozenset()
    survey: Callable[[Iterable[FormRow]], Votes] | None = None


def comment_of(*parts: object) -> str | None:
    """Texts of a visitor as the one comment of a vote, without control characters; cut where it is
    longer than a comment may be."""
    texts = (part for part in parts if isinstance(part, str) and part.strip())
    text = "\n".join(part.replace("\r\n", "\n") for part in texts)
    text = CONTROL.sub(" ", text).strip()
    if not text:
        return None
    return text if len(text) <= LONGEST_COMMENT else text[: LONGEST_COMMENT - 1] + "…"


def first_turns(conversation: object, turns: object) -> object:
    """A list of messages, or JSON of one, up to the reply to the user's so many-th; all of it where
    that is no number, and anything else as it is."""
    messages = as_list(conversation)
    if not messages or not isinstance(turns, int):
        return conversation
    asked = [n for n, each in enumerate(messages) if mapping(each).get("role") == "user"]
    return messages[: asked[turns]] if 0 < turns < len(asked) else messages


def items(value: object) -> list:
    """The value where it is a list; an empty one where it is anything else."""
    return value if isinstance(value, list) else []


def mapping(value: object) -> Mapping[str, object]:
    """The value where it is an object; an empty one where it is anything else."""
    return value if isinstance(value, Mapping) else {}


def spelled(reason: object) -> list[str]:
    """A reason as one of a vote: one line of 1 to 60 characters; nothing where it is none."""
    text = re.sub(r"\s+", " ", CONTROL.sub(" ", reason)).strip() if isinstance(reason, str) else ""
    return [text[:60]] if text else []
