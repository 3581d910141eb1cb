"""The HTTP client of a llama.cpp server: its tokenizer, what it says of its model, completions."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from blend.members import MemberDown, MemberError, MemberTimeout, TooLong
from blend.members.served.watchdog import SILENCE, Watchdog

if TYPE_CHECKING:
    import httpx

CONNECT, ANSWER = 5.0, 3.0
"""Seconds to wait for a connection, and for an answer that needs no model."""
MOST_BYTES = 2**20
"""Bytes of one event at most: a token and its counts have hundreds."""


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
            "verify": False,  # no TLS: reading the certificates takes 20 ms
            # A connection that waits may be closed by the server just as it is used again.
            "limits": httpx.Limits(max_connections=None, max_keepalive_connections=0),
        }
        self._quick = httpx.Client(timeout=ANSWER, **self._options)
        # A connection belongs to the event loop that opened it, so each loop has its own client.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
            WeakKeyDictionary()
        )

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
        watchdog = Watchdog(self._ailing)
        try:
            streaming = self._here().stream("POST", "/completion", json=body)
            response = await watchdog.until(streaming.__aenter__())
            try:
                if response.status_code != 200:
                    raise self._refusal(json.loads(await watchdog.until(response.aread())))
                async with aclosing(self._events(response.aiter_raw(), watchdog)) as events:
                    async for some in events:
                        yield some
            finally:
                await streaming.__aexit__(None, None, None)
        except TimeoutError:
            raise self._silent() from None
        except MemberError:
            raise
        except Exception as error:  # whatever breaks a connection
            raise self._broken(error) from error
        finally:
            watchdog.end()

    def close(self) -> None:
        """Nothing more will be asked; what streams ends with the server."""
        self._quick.close()

    async def _events(
        self, coming: AsyncGenerator[bytes, None], watchdog: Watchdog
    ) -> AsyncGenerator[list[dict], None]:
        held, over = b"", False
        while (part := await watchdog.until(anext(coming, None))) is not None:
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
            reason = f"no answer from llama.cpp for {ANSWER:g} s"
            raise MemberTimeout(self._member, self._ailing() or reason) from None
        except (httpx.HTTPError, ValueError, RuntimeError) as error:
            raise self._broken(error) from error
        if answer.status_code != 200:
            raise self._refusal(content)
        return content

    def _here(self) -> "httpx.AsyncClient":
        """The client of the event loop that runs."""
        import httpx

        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            timeout = httpx.Timeout(None, connect=CONNECT)
            self._clients[loop] = httpx.AsyncClient(timeout=timeout, **self._options)
        return self._clients[loop]

    def _refusal(self, answer: dict[str, Any]) -> MemberError:
        error = answer.get("error", {})
        code, reason = error.get("code"), str(error.get("message", answer))[:300]
        if error.get("type") == "exceed_context_size_error":
            return TooLong(self._member, reason)
        kind = MemberDown if code in (401, 503) else MemberError
        return kind(self._member, f"llama.cpp answers {code}: {reason}")

    def _silent(self) -> MemberError:
        if reason := self._ailing():
            return MemberDown(self._member, reason)
        return MemberTimeout(self._member, f"llama.cpp was silent for {SILENCE:g} s")

    def _broken(self, error: Exception) -> MemberError:
        reason = self._ailing() or f"the connection to llama.cpp broke: {error or repr(error)}"
        return MemberDown(self._member, reason[:500])


def _bytes(piece: str | list[int]) -> bytes:
    return piece.encode() if isinstance(piece, str) else bytes(piece)
