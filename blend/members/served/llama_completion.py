"""A completion of llama.cpp's server: the settings of a request, and what its events say."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from blend.conversation import Usage
from blend.members import Sampling

FINISH = {"eos": "stop", "word": "stop", "limit": "length"}
"""How a reply ended, in the server's words and in ours."""
RANDOM = 2**32 - 1
"""The seed that the server takes for none."""


def sampling_settings(sampling: Sampling, window: int) -> dict[str, Any]:
    """The server's words for how to sample: as transformers does, and nothing by itself."""
    settings: dict[str, Any] = {"temperature": sampling.temperature, "samplers": ["temperature"]}
    if sampling.temperature > 0:
        cuts = {"top_k": sampling.top_k, "top_p": sampling.top_p, "min_p": sampling.min_p}
        settings |= cuts | {"samplers": ["temperature", *cuts]}
    if sampling.repetition_penalty != 1:
        settings |= {"repeat_penalty": sampling.repetition_penalty, "repeat_last_n": window}
        settings["samplers"] = ["penalties", *settings["samplers"]]
    if sampling.seed is not None:
        settings["seed"] = sampling.seed % RANDOM
    return settings


def counted(usage: Usage, events: Sequence[dict]) -> Usage:
    """The counts with what these events say of them."""
    last = events[-1]
    cached = next((e["prompt_progress"]["cache"] for e in events if "prompt_progress" in e), None)
    return replace(
        usage,
        cached_tokens=usage.cached_tokens if cached is None else cached,
        completion_tokens=last["tokens_predicted"],
        finish=FINISH.get(last.get("stop_type", ""), ""),
    )


def texts(events: Sequence[dict]) -> list[str]:
    """The pieces of text in them."""
    return [event["content"] for event in events if event["content"]]
