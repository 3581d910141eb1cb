"""What a published conversation tells without being stored: messages, lengths, markdown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from arena.db.turn_features import FENCE, MARKS

PEOPLE = ("user", "human")  # how published conversations call the one side, and the other
MODELS = ("assistant", "model", "gpt", "bot")


@dataclass(frozen=True, slots=True)
class Transcript:
    """turns: messages of the visitor, None where that is not known. first_length: characters of the
    first one. style: characters, headers, list items and bold parts of all replies, as in
    `arena.ranking.style`."""

    turns: int | None = None
    first_length: int | None = None
    style: tuple[int, ...] | None = None


def read_transcript(conversation: object, prompt: object = None) -> Transcript:
    """Read a list of messages, or the same as JSON; or, beside `prompt`, one reply or several.

    Chatbot Arena publishes the first (content is a text, or parts of which some are texts), Kaggle
    the second. What is in neither form tells nothing.
    """
    messages, prompts = _as_list(conversation), _as_list(prompt)
    if messages and all(isinstance(each, dict) for each in messages):
        roles = [str(each.get("role", each.get("from", ""))).lower() for each in messages]
        texts = [_text(each.get("content", each.get("value"))) for each in messages]
        prompts_of_visitor = [
            text for role, text in zip(roles, texts, strict=True) if role in PEOPLE
        ]
        replies = [text for role, text in zip(roles, texts, strict=True) if role in MODELS]
        return _from_texts(len(prompts_of_visitor) or None, prompts_of_visitor, replies)
    if messages is not None and prompts is not None:
        return _from_texts(len(prompts) or None, [*map(_text, prompts)], [*map(_text, messages)])
    if isinstance(conversation, str) and isinstance(prompt, str):
        # One text may be the last of several messages: how many there were is not known.
        return _from_texts(None, [prompt], [conversation])
    return Transcript()


def _from_texts(
    turns: int | None, prompts_of_visitor: Sequence[str | None], replies: Sequence[str | None]
) -> Transcript:
    first = (
        len(prompts_of_visitor[0])
        if prompts_of_visitor and prompts_of_visitor[0] is not None
        else None
    )
    if not replies or None in replies:
        return Transcript(turns, first)
    return Transcript(turns, first, tuple(map(sum, zip(*map(_style, replies), strict=True))))


def _style(reply: str) -> tuple[int, ...]:
    prose = FENCE.sub("", reply)
    return len(reply), *(len(mark.findall(prose)) for mark in MARKS.values())


def _as_list(value: object) -> list | None:
    """A list, or JSON of one."""
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, list) else None


def _text(content: object) -> str | None:
    """The words of a message whose content is a text or a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        texts = [part for part in parts if isinstance(part, str)]
        return "\n".join(texts) if texts else None
    return content if isinstance(content, str) else None
