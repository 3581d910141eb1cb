"""Conversations as lists of messages, and what two sides of a battle have in common."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from arena.db.repositories.votes.judgements import ConversationText

if TYPE_CHECKING:
    from pyarrow import DataType

Message = Mapping[str, str]
"""role and content, as TRL's conversational form has them."""


def messages(text: ConversationText) -> list[Message]:
    """The conversation, its system message first where there is one.

    A turn whose reply is empty left nothing in the history that the members read.
    """
    said = [{"role": "system", "content": text.system}] if text.system else []
    for prompt, reply in text.turns:
        if reply.strip():
            said += [
                {"role": "user", "content": prompt},
                {"role": "assistant", "content": reply},
            ]
    return said


def has_end(text: ConversationText) -> bool:
    """Whether there is a last reply to judge."""
    return bool(text.turns[-1][1].strip())


def split_shared(
    left: Sequence[Message], right: Sequence[Message]
) -> tuple[Sequence[Message], Sequence[Message], Sequence[Message]]:
    """What both begin with, and what follows on each side.

    A visitor sends each message to both sides, so the sides part at a reply: what is shared ends
    with the message that they answered differently. Equal sides have nothing behind it.
    """
    pairs = enumerate(zip(left, right, strict=False))
    shared = next((n for n, (a, b) in pairs if a != b), min(len(left), len(right)))
    return left[:shared], left[shared:], right[shared:]


def message_list() -> "DataType":
    """The type of a list of messages in Parquet."""
    import pyarrow

    text = pyarrow.string()
    return pyarrow.list_(pyarrow.struct([("role", text), ("content", text)]))
