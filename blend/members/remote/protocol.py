"""OpenAI's API as servers speak it: their own words, what their chunks say, what some refuse."""

import re
from dataclasses import dataclass
from typing import Any

from blend.conversation import Usage

MIN_WINDOW, MAX_TOKENS = 16, 100_000_000
"""A window below or a count above is a mistake of the server."""
UNSUPPORTED = {
    "stream_options": re.compile(r"stream_options|include_usage", re.I),
    "max_tokens": re.compile(r"max_tokens\W+is not supported", re.I),
    "system": re.compile(r"system role not supported|only user and assistant roles", re.I),
    "cache": re.compile(r"cache_(salt|prompt)", re.I),
    "thinking": re.compile(r"chat_template_kwargs", re.I),
}
"""What some servers refuse, by their words: Mistral's, OpenAI's for models that reason, those whose
chat template has no system message, and twice those that know no key but OpenAI's."""
THOUGHT_FIELDS = ("reasoning_content", "reasoning")
"""Where servers with a reasoning parser put thoughts: DeepSeek, SGLang, llama.cpp and transformers
use the first, vLLM the second."""
CONTINUE = {"continue_final_message": True, "add_generation_prompt": False}
"""How vLLM and SGLang are asked to continue a reply that was begun."""


def separate_cache(scope: str) -> dict[str, Any]:
    """How a server is asked to find nothing in its cache that was read in another scope.

    vLLM and SGLang find a prefix only under the salt that it was read with; llama.cpp has no salts,
    so it must not look for a prefix at all.
    """
    return {"cache_salt": scope, "cache_prompt": False}


def thinking_switch(thinking: bool | None) -> dict[str, Any]:
    """How vLLM, SGLang, llama.cpp and transformers serve are asked for thoughts, or for none.

    Templates have two names for it, and ignore the one that they do not know.
    """
    if thinking is None:
        return {}
    return {"chat_template_kwargs": {"enable_thinking": thinking, "thinking": thinking}}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One event of a streamed reply. usage: the counts of the whole reply, in one event at most.

    thought: where the server separates it from the reply.
    """

    text: str = ""
    finish: str = ""
    usage: Usage | None = None
    thought: str = ""


def is_window(value: Any) -> bool:
    """Whether a server's word for the tokens that it takes can be true."""
    return type(value) is int and MIN_WINDOW <= value <= MAX_TOKENS


def parse_chunk(chunk: Any) -> Chunk:
    """What a chunk of the client says. Raises ValueError for what is no chunk of a completion."""
    choices, counts = getattr(chunk, "choices", None), getattr(chunk, "usage", None)
    if not isinstance(choices, list) or (not choices and counts is None):
        raise ValueError(f"no chunk of a completion: {str(chunk)[:80]!r}")
    text, thought, finish = "", "", ""
    if choices:
        delta = getattr(choices[0], "delta", None)
        text = getattr(delta, "content", None) or ""
        both = (getattr(delta, name, None) for name in THOUGHT_FIELDS)
        thought = next((each for each in both if each and isinstance(each, str)), "")
        finish = getattr(choices[0], "finish_reason", None) or ""
    if not isinstance(text, str) or not isinstance(finish, str):
        raise ValueError(f"no text: {str(text or finish)[:80]!r}")
    return Chunk(text, finish and finish_reason(finish), counts and _usage(counts), thought)


def finish_reason(reason: str) -> str:
    """The server's finish reason as ours. Raises ValueError where it gave the reply up.

    Some servers name the token that ended it: whatever is no limit and no failure is a stop.
    """
    if reason in ("abort", "error", "cancelled"):
        raise ValueError(f"it gave the reply up: {reason}")
    return "length" if reason in ("length", "max_tokens") else "stop"


def _usage(counts: Any) -> Usage:
    """The counts that make sense; 0 for one that does not."""
    details = getattr(counts, "prompt_tokens_details", None)
    prompt = _count(getattr(counts, "prompt_tokens", None))
    cached = _count(getattr(details, "cached_tokens", None))
    return Usage(prompt, min(cached, prompt), _count(getattr(counts, "completion_tokens", None)))


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= MAX_TOKENS else 0
