"""A request for a chat completion in OpenAI's form, checked."""

import re
from dataclasses import dataclass, replace
from typing import Any

from blend.conversation import (
    CONTROL,
    LONGEST_REPLY,
    Conversation,
    MessageError,
    Turn,
    checked,
)
from blend.members import Sampling, SamplingError

IGNORED = frozenset(
    ("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key")
)
"""Fields that change no reply: taken and left alone."""
NEUTRAL: dict[str, tuple[object, ...]] = {
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "parallel_tool_calls": (True, False),
    "functions": ([],),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "best_of": (1,),
    "reasoning_effort": ("none",),
    "verbosity": ("medium",),
}
"""Fields of OpenAI's that no member can honour, and the values with which they ask for nothing."""
SAMPLED = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed")
WHOLE = ("top_k", "seed", "max_tokens")
SHOWN = 100
"""Characters at most of what was sent that an error repeats."""
MOST_CHOICES = 8
MOST_STOPS = 4
MOST_MESSAGES = 2_000


class Wrong(ValueError):
    """A request that cannot be served as it is. param: the field at fault."""

    def __init__(
        self, message: str, param: str | None = None, code: str | None = None, status: int = 400
    ):
        super().__init__(message)
        self.param = param
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, checked. sampling: the settings that replace the drawn member's own."""

    model: str
    conversation: Conversation
    sampling: dict[str, object]
    n: int = 1
    stream: bool = False
    usage: bool = False

    def samplings(self) -> list[dict[str, object]]:
        """The settings of each choice: with one seed for all they would all be the same reply."""
        every = [dict(self.sampling) for _ in range(self.n)]
        for number, one in enumerate(every):
            if "seed" in one:
                one["seed"] += number
        return every


def asked(body: Any, longest: int) -> Asked:
    """The request in a JSON body. longest: characters of one message. Raises Wrong."""
    if not isinstance(body, dict):
        raise Wrong("The body must be a JSON object with `model` and `messages`.")
    _known(body)
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise Wrong("`model` must name a contender: GET /v1/models lists them.", "model")
    options = body.get("stream_options") or {}
    if not isinstance(options, dict):
        raise Wrong("`stream_options` must be an object.", "stream_options")
    return Asked(
        model,
        conversation(body.get("messages"), longest),
        _sampling(body),
        n=_whole(body, "n", 1, MOST_CHOICES) or 1,
        stream=_flag(body, "stream"),
        usage=_flag(options, "include_usage"),
    )


def brief(value: object) -> str:
    """What was sent, as an error may repeat it: in quotes, no longer than `SHOWN` characters."""
    text = repr(value[: SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def conversation(messages: Any, longest: int) -> Conversation:
    """OpenAI's messages as the neutral history, waiting for the next reply. Raises Wrong.

    System and developer messages become one; neighbouring messages of one speaker are joined, and
    empty ones left out. Where the last message is the assistant's, the reply goes on with it; where
    there is none but the system's, that is answered.
    """
    if not isinstance(messages, list) or not messages:
        raise Wrong("`messages` must be a list with at least one message.", "messages")
    if len(messages) > MOST_MESSAGES:
        raise Wrong(f"`messages` has {len(messages)} entries; send at most {MOST_MESSAGES}.")
    system: list[str] = []
    turns: list[list[str]] = []
    for place, message in enumerate(messages):
        role, text = _message(message, f"messages.{place}", longest)
        if not text:
            continue
        spoke = role
        if role == "system":
            system.append(text)
        elif role == "assistant":
            turns = turns or [["", ""]]
            turns[-1][1] = _joined(turns[-1][1], text)
        elif turns and not turns[-1][1]:
            turns[-1][0] = _joined(turns[-1][0], text)
        else:
            turns.append([text, ""])
    if turns and turns[-1][1] and spoke != "assistant":
        raise Wrong("The last message must be the user's: it is what is answered.", "messages")
    if role == "user" and not text:
        raise Wrong("The last message is empty: write something first.", f"messages.{place}")
    if not system and not any(prompt for prompt, _ in turns):
        raise Wrong("`messages` must hold a user's or a system message to answer.", "messages")
    *before, (prompt, beginning) = turns or [["", ""]]
    made = [Turn(said, reply, finished=True) for said, reply in before]
    head = "\n\n".join(system)
    return Conversation(system=head, turns=(*made, Turn(prompt)), beginning=beginning)


def _message(message: Any, where: str, longest: int) -> tuple[str, str]:
    if not isinstance(message, dict):
        raise Wrong(f"`{where}` must be an object with `role` and `content`.", where)
    role = "system" if message.get("role") == "developer" else message.get("role")
    if role not in ("system", "user", "assistant"):
        raise Wrong(
            f"`{where}.role` must be system, developer, user or assistant, not {brief(role)}.",
            where,
        )
    if message.get("tool_calls") or message.get("function_call"):
        raise Wrong(f"`{where}` calls a tool: members of a blend have none.", where)
    content = message.get("content")
    if content is None and role == "assistant":
        return role, ""
    if isinstance(content, list):
        if not all(isinstance(p, dict) and p.get("type") == "text" for p in content):
            raise Wrong(f"`{where}.content` may hold parts of type text only.", where)
        if not all(isinstance(part.get("text"), str) for part in content):
            raise Wrong(f"`{where}.content`: the `text` of each part must be a text.", where)
        content = "".join(part["text"] for part in content)
    if not isinstance(content, str):
        raise Wrong(f"`{where}.content` must be a text.", where)
    if role == "assistant":  # said by a model: what it said may be sent back as it was
        content = CONTROL.sub("", content.replace("\r\n", "\n").replace("\r", "\n"))
        longest = max(longest, LONGEST_REPLY)
    try:
        return role, checked(content, longest) if content.strip() else ""
    except MessageError as error:
        raise Wrong(f"`{where}`: {error}", where) from None


def _joined(first: str, second: str) -> str:
    return f"{first}\n\n{second}" if first else second


def _known(body: dict[str, Any]) -> None:
    for name, neutral in NEUTRAL.items():
        if body.get(name) is not None and body[name] not in neutral:
            raise Wrong(f"`{name}` is not supported: leave it out.", name, "unsupported_parameter")
    ours = {"model", "messages", "n", "stream", "stream_options", "stop", *SAMPLED}
    allowed = ours | IGNORED | set(NEUTRAL) | {"max_tokens", "max_completion_tokens"}
    for name, value in body.items():
        if name not in allowed and value is not None:
            shown = name[:SHOWN].encode(errors="replace").decode()  # half a pair can not be sent
            said = f"`{shown}` is not known here: leave it out."
            raise Wrong(said, shown, "unknown_parameter")


def _sampling(body: dict[str, Any]) -> dict[str, object]:
    found = {name: body[name] for name in SAMPLED if body.get(name) is not None}
    for name in ("max_completion_tokens", "max_tokens"):
        if body.get(name) is not None:
            found["max_tokens"] = body[name]
    found |= {name: _integer(found[name]) for name in WHOLE if name in found}
    stop = body.get("stop")
    if stop is not None:
        stops = [stop] if isinstance(stop, str) else stop
        right = isinstance(stops, list) and all(_is_text(s) for s in stops)
        if not right or len(stops) > MOST_STOPS:
            raise Wrong(f"`stop` must be a text or a list of at most {MOST_STOPS}.", "stop")
        found["stop"] = tuple(stops)
    if "seed" in found and (isinstance(found["seed"], bool) or not isinstance(found["seed"], int)):
        raise Wrong(f"`seed` must be a whole number, not {brief(found['seed'])}.", "seed")
    if found.get("temperature") == 0:
        # Nothing is sampled, so a seed asks for nothing; evaluation harnesses always send one.
        found.pop("seed", None)
    try:
        replace(Sampling(), **found)
    except SamplingError as error:
        raise named(error) from None
    return found


def _is_text(value: Any) -> bool:
    """Whether it is a text, not an empty one, and without halves of surrogate pairs."""
    return isinstance(value, str) and bool(value) and not re.search("[\ud800-\udfff]", value)


def named(error: SamplingError) -> Wrong:
    """The same with the field at fault, which is the first word of it."""
    name, rest = str(error).split(" ", 1)
    said, separator, value = rest.partition(", not ")  # the value as it was sent, of any length
    if separator and len(value) > SHOWN:
        value = f"{value[:SHOWN]}…"
    return Wrong(f"`{name}` {said}{separator}{value}", name)


def _integer(value: Any) -> Any:
    """16.0 as 16, which JSON does not tell apart; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _whole(body: dict[str, Any], name: str, low: int, high: int) -> int | None:
    value = _integer(body.get(name))
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Wrong(f"`{name}` must be a whole number from {low} to {high}.", name)
    return value


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise Wrong(f"`{name}` must be true or false.", name)
    return bool(value)
