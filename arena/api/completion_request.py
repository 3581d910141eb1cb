"""A request for a chat completion in OpenAI's form, checked."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from arena.api.chat_messages import ChatMessage, conversation
from arena.api.errors import SHOWN, ApiError
from blend.conversation import Conversation
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

SAMPLED = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed", "max_tokens")

MAX_CHOICES = 8
MAX_STOPS = 4
MAX_MESSAGES = 2_000


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One request, checked. sampling: the settings that replace the drawn member's own.

    n: how many replies. usage: whether a stream ends with counts of tokens.
    """

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


def _integer(value: Any) -> Any:
    """16.0 as 16, which JSON does not tell apart; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Whole = Annotated[int, BeforeValidator(_integer)]
Stop = Annotated[str, Field(min_length=1)]


class CompletionBody(BaseModel):
    """The fields whose types are checked here; `Sampling` checks its own."""

    model_config = ConfigDict(strict=True)

    model: str = Field(min_length=1)
    messages: list[ChatMessage] = Field(min_length=1, max_length=MAX_MESSAGES)
    n: Whole = Field(1, ge=1, le=MAX_CHOICES)
    stream: bool = False
    stream_options: dict[str, bool] = {}
    stop: Annotated[list[Stop], Field(max_length=MAX_STOPS), BeforeValidator(_list)] = []
    seed: Whole | None = None


KNOWN = {*CompletionBody.model_fields, *SAMPLED, "max_completion_tokens", *NEUTRAL, *IGNORED}


def parse_request(body: Any, longest: int) -> CompletionRequest:
    """The request in a JSON body. longest: characters of one message. Raises ApiError."""
    if not isinstance(body, dict):
        raise ApiError("The body must be a JSON object with `model` and `messages`.")
    fields = {name: value for name, value in body.items() if value is not None}
    _check_names(fields)
    try:
        read = CompletionBody.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = [str(part) for part in first["loc"]]
        where = path[:2] if path[0] == "messages" else path[:1]
        raise ApiError(f"`{'.'.join(path)}`: {first['msg']}.", ".".join(where)) from None
    return CompletionRequest(
        read.model,
        conversation(read.messages, longest),
        _sampling(fields, tuple(read.stop)),
        read.n,
        read.stream,
        read.stream_options.get("include_usage", False),
    )


def _check_names(fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if value not in NEUTRAL.get(name, (value,)):
            message = f"`{name}` is not supported: leave it out."
            raise ApiError(message, name, "unsupported_parameter")
        if name not in KNOWN:
            excerpt = name[:SHOWN].encode(errors="replace").decode()  # half a pair cannot be sent
            message = f"`{excerpt}` is not known here: leave it out."
            raise ApiError(message, excerpt, "unknown_parameter")


def _sampling(fields: dict[str, Any], stop: tuple[str, ...]) -> dict[str, object]:
    given = {"max_tokens": fields.get("max_completion_tokens")} | fields
    settings = {name: _integer(given[name]) for name in SAMPLED if given.get(name) is not None}
    if stop:
        settings["stop"] = stop
    if settings.get("temperature") == 0:
        # Nothing is sampled, so a seed asks for nothing; evaluation harnesses always send one.
        settings.pop("seed", None)
    try:
        replace(Sampling(), **settings)
    except SamplingError as error:
        raise of_setting(error) from None
    return settings


def of_setting(error: SamplingError) -> ApiError:
    """The same with the field at fault, which is the first word of it."""
    name, rest = str(error).split(" ", 1)
    text, separator, value = rest.partition(", not ")  # the value as it was sent, of any length
    if separator and len(value) > SHOWN:
        value = f"{value[:SHOWN]}…"
    return ApiError(f"`{name}` {text}{separator}{value}", name)
