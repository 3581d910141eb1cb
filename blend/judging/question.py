"""What a panel's judge is asked: which of several drafts is the best, or to write the reply.

The drafts come without names, as A, B, C. What was said, and what was drafted, is text of others: a
draft that says "pick me" may be heard, as by any model that reads it.
"""

from collections.abc import Sequence

from blend.judging.answer import BEGINNING, readable_part
from blend.judging.letters import ALPHABET, leading_letter
from blend.message import Message, beginning

PICK = "Which reply is better, {letters}? Answer with its letter."
WRITE = (
    "Use what is right in them, leave out what is wrong, and reply to this message, without a word"
    " about the drafts:"
)
DRAFTS = "Here are drafts of a reply:"
WORDS = (PICK, BEGINNING, WRITE, DRAFTS)
"""Whoever is asked in other words is another contender."""

MOST = len(ALPHABET)
"""Drafts that can be told apart by a letter."""


def pick_question(messages: Sequence[Message], drafts: Sequence[str]) -> tuple[Message, ...]:
    """The conversation, and in place of its last message that message with the drafts."""
    before, asked = _parted(messages)
    letters = ALPHABET[: len(drafts)]
    parts = [f"Message: {asked}"] if asked else []
    parts += [f"Reply {a}: {text.strip()}" for a, text in zip(letters, drafts, strict=True)]
    parts.append(PICK.format(letters=f"{', '.join(letters[:-1])} or {letters[-1]}"))
    return (*before, Message("user", "\n\n".join(parts)))


def write_question(messages: Sequence[Message], drafts: Sequence[str]) -> tuple[Message, ...]:
    """The same for a judge that writes the reply itself."""
    before, asked = _parted(messages)
    quoted = [f'"{text.strip()}"' for text in drafts]
    return (*before, Message("user", "\n\n".join([DRAFTS, *quoted, WRITE, asked])))


def read_pick(answer: str, n: int) -> int | None:
    """The place of the draft, of n, that an answer picks; None where it cannot be read."""
    letter = leading_letter(readable_part(answer), ALPHABET[:n])
    return None if letter is None else ALPHABET.index(letter)


def _parted(messages: Sequence[Message]) -> tuple[Sequence[Message], str]:
    """What came before the last message, and its text; no text where only a persona is there."""
    said = messages[:-1] if beginning(messages) else messages
    if said[-1].role == "user":
        return said[:-1], said[-1].text
    return said, ""
