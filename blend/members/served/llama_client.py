"""The HTTP client of a llama.cpp server: its tokenizer, what it says of its model, completions."""

import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from blend.conversation import Usage
from blend.members import MemberDown, MemberError, MemberTimeout, Sampling, TooLong

CONNECT, ANSWER, SILENCE = 5.0, 3.0, 55.0
"""Seconds to wait for a connection, for an answer that needs no model, and for the next event of a
reply. The last is below a page's patience; a server that hangs is ended sooner, which breaks the
connection."""
MOST_BYTES = 2**20
"""Bytes of one event at most: a token and its counts have hundreds."""
FINISH = {"eos": "stop", "word": "stop", "limit": "length"}
"""How a reply ended, in the server's words and in ours."""
RANDOM = 2**32 - 1
"""The seed that the server takes for none."""


class LlamaClient:
    """Talks with one server; may be used from several threads and event loops.

    ailing: why the server answers nothing any more, or None. Every failure is a MemberError.
    """

    def __init__(self, member: str, url: str, key: str, ailing: Callable[[], str | None]):
        import httpx

        self._member = member
        self._ailing = ailing
        self._options: dict[str, Any] = {
            "base_url": url,
            "headers": {"Authorization": f"Bearer {key}"},
            "trust_env": False,  # a proxy for the outside knows nothing of this machine
            "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # unused: one costs 1 ms a client
            # A connection that waits may be closed by the server just as it is used again.
            "limits": httpx.Limits(max_connections=None, max_keepalive_connections=0),
        }
        self._quick = httpx.Client(timeout=ANSWER, **self._options)

    def tokenize(self, text: str, special: bool) -> list[tuple[int, bytes]]:
        """The ids of a text and the bytes of each. Blocks for seconds at most.

        special: whether the text of a control token is that token.
        """
        body = {"content": text, "parse_special": special, "with_pieces": True}
        tokens = self._ask("/tokenize", body)["tokens"]
        return [(one["id"], _bytes(one["piece"])) for one in tokens]

    def properties(self) -> dict[str, Any]:
        """What the server says of its model: its chat template, its window, and so on.

        model_alias: what it runs on, as llama_server.py names it.
        """
        (model,) = self._ask("/v1/models")["data"]
        return self._ask("/props") | model["meta"]

    async def completion(self, body: dict[str, Any]) -> AsyncGenerator[list[dict], None]:
        """The events of a completion, those that come together in one list.

        Closing it closes the connection, which ends the generation.
        """
        import httpx

        limits = httpx.Timeout(SILENCE, connect=CONNECT)
        try:
            # A client belongs to the event loop it was made on, and keeps no connection anyway.
            async with (
                httpx.AsyncClient(timeout=limits, **self._options) as client,
                client.stream("POST", "/completion", json=body) as response,
            ):
                if response.status_code != 200:
                    raise self._refusal(json.loads(await response.aread()))
                async with aclosing(self._events(response.aiter_raw())) as events:
                    async for some in events:
                        yield some
        except httpx.TimeoutException:
            raise self._silent(f"llama.cpp was silent for {SILENCE:g} s") from None
        except MemberError:
            raise
        except Exception as error:  # whatever breaks a connection
            raise self._broken(error) from error

    def close(self) -> None:
        """Nothing more will be asked; what streams ends with the server."""
        self._quick.close()

    async def _events(self, coming: AsyncIterator[bytes]) -> AsyncGenerator[list[dict], None]:
        held, over = b"", False
        async for part in coming:
            *whole, held = (held + part).split(b"\n\n")
            events = [json.loads(one[6:]) for one in whole if one.startswith(b"data: ")]
            for event in events:
                if "error" in event:
                    raise self._refusal(event)
            if len(held) > MOST_BYTES:
                raise ValueError("an event without an end")
            if events:
                over = events[-1]["stop"]
                yield events
        if not over:
            raise ValueError("the reply has no end")

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        import httpx

        try:
            answer = self._quick.request("POST" if body else "GET", path, json=body)
            content = answer.json()
        except httpx.TimeoutException:
            raise self._silent(f"no answer from llama.cpp for {ANSWER:g} s") from None
        except (httpx.HTTPError, ValueError, RuntimeError) as error:
            raise self._broken(error) from error
        if answer.status_code != 200:
            raise self._refusal(content)
        return content

    def _refusal(self, answer: dict[str, Any]) -> MemberError:
        error = answer.get("error", {})
        code, reason = error.get("code"), str(error.get("message", answer))[:300]
        if error.get("type") == "exceed_context_size_error":
            return TooLong(self._member, reason)
        kind = MemberDown if code in (401, 503) else MemberError
        return kind(self._member, f"llama.cpp answers {code}: {reason}")

    def _silent(self, reason: str) -> MemberError:
        return MemberTimeout(self._member, self._ailing() or reason)

    def _broken(self, error: Exception) -> MemberError:
        reason = self._ailing() or f"the connection to llama.cpp broke: {error or repr(error)}"
        return MemberDown(self._member, reason[:500])


def _bytes(piece: str | list[int]) -> bytes:
    return piece.encode() if isinstance(piece, str) else bytes(piece)


def sampling_settings(sampling: Sampling, window: int) -> dict[str, Any]:
    """The sampling in the server's words: as transformers samples, with nothing added."""
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


def update_usage(usage: Usage, events: Sequence[dict]) -> Usage:
    """The counts with what these events say of them."""
    last = events[-1]
    cached = next((e["prompt_progress"]["cache"] for e in events if "prompt_progress" in e), None)
    return replace(
        usage,
        cached_tokens=usage.cached_tokens if cached is None else cached,
        completion_tokens=last["tokens_predicted"],
        finish=FINISH.get(last.get("stop_type", ""), ""),
    )
