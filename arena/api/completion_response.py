"""A chat completion in OpenAI's form, written out: whole, or in pieces."""

import json
import time
from collections.abc import Sequence
from typing import Any

from blend.conversation import Draw, Selection, Turn, new_id


class CompletionResponse:
    """One completion on its way out: the same id, time and model in every object of it."""

    def __init__(self, model: str):
        self.id = f"chatcmpl-{new_id()}"
        self.model = model
        self.created = int(time.time())

    def whole(self, turns: Sequence[Turn]) -> dict[str, object]:
        """The object of a reply that was not streamed, one choice a turn."""
        choices = [
            {
                "index": index,
                "message": {"role": "assistant", "content": turn.reply, **thoughts(turn)},
                "logprobs": None,
                "finish_reason": turn.usage.finish or "stop",
                "blend": drawn(turn),
            }
            for index, turn in enumerate(turns)
        ]
        return self._object("chat.completion", choices) | {"usage": usage(turns)}

    def chunk(
        self, index: int, delta: dict[str, str], ended: Turn | None = None
    ) -> dict[str, object]:
        """A piece of the choice with that number. ended: its turn, in the last piece: that tells
        which member answered, and its chance."""
        choice: dict[str, Any] = {"index": index, "delta": delta, "logprobs": None}
        choice["finish_reason"] = None if ended is None else ended.usage.finish or "stop"
        if ended is not None:
            choice["blend"] = drawn(ended)
        return self._object("chat.completion.chunk", [choice])

    def counts(self, turns: Sequence[Turn]) -> dict[str, object]:
        """The chunk without choices that ends a stream where usage was asked for."""
        return self._object("chat.completion.chunk", []) | {"usage": usage(turns)}

    def _object(self, kind: str, choices: list) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }


def thoughts(turn: Turn) -> dict[str, str]:
    """What was thought before the reply, as DeepSeek, SGLang and llama.cpp name it."""
    return {"reasoning_content": turn.thought.strip()} if turn.thought.strip() else {}


def drawn(turn: Turn) -> dict[str, object]:
    """Who answered and how likely that was; the same of each sentence where these were drawn one by
    one, or how a panel came to it: our own field beside OpenAI's."""
    said = _who(turn.draw)
    if turn.sentences:
        said["sentences"] = [{"start": each.start} | _who(each.draw) for each in turn.sentences]
    return said | ({"panel": panel(turn.selection)} if turn.selection else {})


def _who(draw: Draw) -> dict[str, object]:
    return {
        "member": draw.member,
        "chance": None if draw.chance is None else round(draw.chance, 6),
    }


def panel(selection: Selection) -> dict[str, object]:
    """A panel's drafts in the order in which its judge read them, and what the judge did."""
    drafts = [
        {"member": draft.member, "content": draft.text, "picked": draft.picked}
        for draft in selection.drafts
    ]
    return {"judge": selection.judge, "how": selection.how, "drafts": drafts}


def usage(turns: Sequence[Turn]) -> dict[str, object]:
    """Tokens read and written by all choices; cached ones would tell who writes a battle."""
    read = sum(turn.usage.prompt_tokens for turn in turns)
    written = sum(turn.usage.completion_tokens for turn in turns)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def event(data: dict[str, object] | str) -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"data: {text}\n\n".encode()
