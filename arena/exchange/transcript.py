"""A published conversation: what was said, and its messages, lengths and markdown."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from arena.db.turn_features import FENCE, MARKS
from blend.conversation import Conversation, Turn

PEOPLE = ("user", "human")  # how published conversations call the one side, and the other
MODELS = ("assistant", "model", "gpt", "bot")

UNFIT = re.compile("[\x00\ud800-\udfff]")  # ends a text, and halves of characters


@dataclass(frozen=True, slots=True)
class Transcript:
    """turns: messages of the visitor, None where that is not known. first_length: characters of the
    first one. style: characters, headers, list items and bold parts of all replies, as in
    `arena.ranking.style`. exchanges: messages, each with its reply, after `system`; none where not
    all of them are known."""

    turns: int | None = None
    first_length: int | None = None
    style: tuple[int, ...] | None = None
    exchanges: tuple[tuple[str, str], ...] = ()
    system: str = ""

    def conversation(self, id: str) -> Conversation:
        """The exchanges as a conversation with that id; its turns have ids of their own by it."""
        turns = (
            Turn(prompt, reply, finished=True, id=f"{id}-{n}")
            for n, (prompt, reply) in enumerate(self.exchanges)
        )
        return Conversation(id, self.system, tuple(turns))


def read_transcript(conversation: object, prompt: object) -> Transcript:
    """Read a list of messages, or the same as JSON; or, beside `prompt`, one reply or several.

    Chatbot Arena publishes the first (content is a text, or parts of which some are texts), Kaggle
    the second. What is in neither form tells nothing.
    """
    messages, prompts = as_list(conversation), as_list(prompt)
    if messages and all(isinstance(each, dict) for each in messages):
        roles = [str(each.get("role", each.get("from", ""))).lower() for each in messages]
        texts = [_text(each.get("content", each.get("value"))) for each in messages]
        user_texts = [text for role, text in zip(roles, texts, strict=True) if role in PEOPLE]
        replies = [text for role, text in zip(roles, texts, strict=True) if role in MODELS]
        facts = _from_texts(len(user_texts) or None, user_texts, replies)
        return replace(facts, **_exchanges(roles, texts))
    if messages is not None and prompts is not None:
        user_texts, replies = [*map(_text, prompts)], [*map(_text, messages)]
        facts = _from_texts(len(user_texts) or None, user_texts, replies)
    elif isinstance(conversation, str) and isinstance(prompt, str):
        # One text may be the last of several messages: how many there were is not known.
        user_texts, replies = [prompt], [conversation]
        facts = _from_texts(None, user_texts, replies)
    else:
        return Transcript()
    return replace(facts, exchanges=_pairs(user_texts, replies))


def _exchanges(roles: Sequence[str], texts: Sequence[str | None]) -> dict[str, object]:
    """Exchanges and system message, as in Transcript. Several messages of one side in a row are
    one; a last message without a reply is left out, and so is what no side said."""
    system, pairs = [], []
    for role, text in zip(roles, texts, strict=True):
        if role in (*PEOPLE, *MODELS) and text is None:
            return {}
        if role in PEOPLE and (not pairs or pairs[-1][1]):
            pairs.append(([text], []))
        elif role in PEOPLE or (role in MODELS and pairs):
            pairs[-1][role in MODELS].append(text)
        elif role == "system" and text:
            system.append(text)
    said = ((_clean("\n\n".join(side)) for side in pair) for pair in pairs if pair[1])
    return {"exchanges": tuple(map(tuple, said)), "system": _clean("\n\n".join(system))}


def _pairs(
    prompts: Sequence[str | None], replies: Sequence[str | None]
) -> tuple[tuple[str, str], ...]:
    if len(prompts) != len(replies) or None in (*prompts, *replies):
        return ()
    return tuple((_clean(p), _clean(r)) for p, r in zip(prompts, replies, strict=True))


def _clean(text: str) -> str:
    """A text as the database can hold it."""
    return UNFIT.sub("\ufffd", text)


def _from_texts(
    turns: int | None, user_texts: Sequence[str | None], replies: Sequence[str | None]
) -> Transcript:
    first = len(user_texts[0]) if user_texts and user_texts[0] is not None else None
    if not replies or None in replies:
        return Transcript(turns, first)
    return Transcript(turns, first, tuple(map(sum, zip(*map(_style, replies), strict=True))))


def _style(reply: str) -> tuple[int, ...]:
    prose = FENCE.sub("", reply)
    return len(reply), *(len(mark.findall(prose)) for mark in MARKS.values())


def as_list(value: object) -> list | None:
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
