"""One chat as a file that its visitor takes along: Markdown to be read, JSON for programs."""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from arena.models import HIDDEN_ERROR
from arena.pages.chat.sentences import writer_marks
from arena.texts import Texts
from blend.conversation import Conversation, Turn

Form = Literal["md", "json"]

FORMAT = "blended-arena-chat/1"


@dataclass(frozen=True, slots=True)
class ChatFile:
    """A file's name and what is in it."""

    name: str
    text: str


def chat_file(
    conversation: Conversation, title: str, form: Form, blind: bool, texts: Texts
) -> ChatFile:
    """The chat as it is shown, without what was undone or regenerated.

    blind: without anything that tells who wrote a reply.
    """
    name = re.sub(r"\W+", "-", title).strip("-")[:60] or "chat"
    if form == "json":
        data = _as_data(conversation, title, blind, texts)
        return ChatFile(f"{name}.json", json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    return ChatFile(f"{name}.md", _as_markdown(conversation, title, blind, texts))


def _as_data(conversation: Conversation, title: str, blind: bool, texts: Texts) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "id": conversation.id,
        "title": title,
        "system": conversation.system,
        "turns": [_turn_data(turn, blind, texts) for turn in conversation.turns],
    }


def _turn_data(turn: Turn, blind: bool, texts: Texts) -> dict[str, Any]:
    draw = None if blind else turn.draw
    said = {"prompt": turn.prompt, "reply": turn.reply, "finished": turn.finished}
    if draw is not None:
        said |= {"member": draw.member, "chance": draw.chance, "chances": dict(draw.chances)}
        if turn.selection:
            said["panel"] = asdict(turn.selection)
        if turn.sentences:
            said["sentences"] = [each.row() for each in turn.sentences]
    return said | ({"error": _error(turn, blind, texts)} if turn.error else {})


def _as_markdown(conversation: Conversation, title: str, blind: bool, texts: Texts) -> str:
    parts = [f"# {title}"]
    if conversation.system:
        parts.append(f"**{texts('history.persona')}**\n\n{conversation.system}")
    for turn in conversation.turns:
        parts.append(f"**{texts('history.you')}**\n\n{turn.prompt}")
        who = texts("history.reply")
        if turn.draw and not blind:
            who = ", ".join(name + more for name, more in writer_marks(turn, texts).items())
        said = [turn.reply] if turn.has_reply else []
        if not turn.finished:
            said.append(f"*{_error(turn, blind, texts) or texts('history.unfinished')}*")
        parts.append("\n\n".join([f"**{who}**", *said]))
    return "\n\n".join(parts) + "\n"


def _error(turn: Turn, blind: bool, texts: Texts) -> str:
    """Why a reply failed; the words of an error can hold a member's name."""
    return texts.translated(HIDDEN_ERROR if blind and turn.error else turn.error or "")
