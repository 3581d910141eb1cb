"""OpenAI's chat messages as the neutral history."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from arena.api.errors import ApiError
from blend.conversation import LONGEST_REPLY, Conversation, Draw, Turn
from blend.message import CONTROL, MessageError, clean_message


class TextPart(BaseModel):
    """A part of a message's content: members read texts only."""

    type: Literal["text"]
    text: str


def _parts(content: Any) -> Any:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


class ChatMessage(BaseModel):
    """One message. name: of an assistant's, the member that wrote it; a user's changes no reply."""

    role: Literal["system", "developer", "user", "assistant"]
    name: str | None = None
    content: Annotated[list[TextPart] | None, BeforeValidator(_parts)] = None
    tool_calls: Any = None
    function_call: Any = None


def conversation(messages: Sequence[ChatMessage], longest: int) -> Conversation:
    """The messages as a conversation that waits for its next reply. Raises ApiError.

    System and developer messages become one; neighbouring messages of one speaker are joined, and
    empty ones left out. Where the last message is the assistant's, the reply goes on with it; where
    there is none but the system's, that is answered. An assistant's `name` tells the policy who
    wrote that reply; no member reads it. longest: characters of one message.
    """
    texts = [_text(each, f"messages.{place}", longest) for place, each in enumerate(messages)]
    if messages[-1].role == "user" and not texts[-1]:
        last = f"messages.{len(messages) - 1}"
        raise ApiError("The last message is empty: write something first.", last)
    nonempty = [(each, text) for each, text in zip(messages, texts, strict=True) if text]
    turns: list[Turn] = []
    for each, text in nonempty:
        last = turns[-1] if turns else Turn("")
        if each.role == "assistant":
            reply = _join(last.reply, text)
            turns[-1:] = [replace(last, reply=reply, draw=_writer(each.name), finished=True)]
        elif each.role == "user" and last.reply:
            turns.append(Turn(text))
        elif each.role == "user":
            turns[-1:] = [replace(last, prompt=_join(last.prompt, text))]
    if turns and turns[-1].reply and nonempty[-1][0].role != "assistant":
        raise ApiError("The last message must be the user's: it is what is answered.", "messages")
    system = "\n\n".join(text for m, text in nonempty if m.role in ("system", "developer"))
    if not system and not any(turn.prompt for turn in turns):
        raise ApiError("`messages` must hold a user's or a system message to answer.", "messages")
    *before, last = turns or [Turn("")]
    waiting = Turn(last.prompt)
    return Conversation(system=system, turns=(*before, waiting), beginning=last.reply)


def _writer(name: str | None) -> Draw | None:
    """Who wrote a reply, as the caller says; how likely that was is not known here."""
    return Draw(name, None, {}) if name else None


def _text(message: ChatMessage, where: str, longest: int) -> str:
    """What a message says; empty where it says nothing."""
    if message.tool_calls or message.function_call:
        raise ApiError(f"`{where}` calls a tool: members of a blend have none.", where)
    text = "".join(part.text for part in message.content or ())
    if message.role == "assistant":  # a model's words may be sent back as they were
        text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
        longest = max(longest, LONGEST_REPLY)
    try:
        return clean_message(text, longest) if text.strip() else ""
    except MessageError as error:
        raise ApiError(f"`{where}`: {error}", where) from None


def _join(first: str, second: str) -> str:
    return f"{first}\n\n{second}" if first else second
