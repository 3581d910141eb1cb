"""A message: who says what, and what of it cannot be sent as it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]

LONGEST_MESSAGE = 8_000
"""Characters a visitor may send at once, unless the roster says otherwise."""

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that have no meaning to a model and can hide text, and halves of surrogate pairs."""


SENTENCES = {
    "empty": "The message is empty: write something first.",
    "too_long": "The message has {length:,} characters; send at most {longest:,} at a time.",
    "control_character": "The message holds the control character {code}: remove it and resend.",
    "long_system": "The system message is longer than the models here read: shorten it.",
    "long": "This message has about {tokens:,} tokens; the models here read at most {room:,}: "
    "shorten it to about {fits:,} characters.",
    "long_beside_system": "This message has about {tokens:,} tokens; the models here read at most "
    "{room:,} beside the system message: shorten it to about {fits:,} characters.",
}
"""Why a message cannot be sent as it is, in English."""


class MessageError(ValueError):
    """A message that cannot be sent as it is: empty, too long, or with control characters.

    str() is a sentence for whoever sent it, in English. name, values: which one of SENTENCES, and
    what is filled in, for whoever says it in another language.
    """

    def __init__(self, name: str, **values: object):
        super().__init__(SENTENCES[name].format(**values))
        self.name = name
        self.values = values


class MessageTooLong(MessageError):
    """A message that does not fit into what the models here can read."""


@dataclass(frozen=True, slots=True)
class Message:
    """One utterance, in no model's own format."""

    role: Role
    text: str


def beginning(messages: Sequence[Message]) -> str:
    """What the reply to the messages has been begun with: the last one, where it is a reply's."""
    return messages[-1].text if messages and messages[-1].role == "assistant" else ""


def clean_message(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """The text as it may be sent: stripped at both ends, line ends unified.

    Raises MessageError, in a sentence for the visitor, where it is empty, longer than `longest`
    characters, or holds control characters.
    """
    text = str(text or "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise MessageError("empty")
    if len(text) > longest:
        raise MessageError("too_long", length=len(text), longest=longest)
    if found := CONTROL.search(text):
        raise MessageError("control_character", code=f"U+{ord(found[0]):04X}")
    return text
