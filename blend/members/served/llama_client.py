"""The HTTP client of a llama.cpp server: its tokenizer, what it says of its model, completions."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from blend.members import MemberDown, MemberError, MemberTimeout, TooLong

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

CONNECT, ANSWER = 5.0, 3.0
"""Seconds to wait for a connection, and for an answer that needs no model."""
SILENCE, LOOK = 55.0, 1.0
"""Seconds that a completion may be silent, below a page's patience; and between two looks at it."""
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
        }
        self._quick = httpx.Client(timeout=ANSWER, **self._options)
        # A connection belongs to the event loop that opened it, so each loop has its own client.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
            WeakKeyDictionary()
        )

    def tokenize(self, text: str, special: bool) -> list[tuple[int, bytes]]:
        """The ids of a text and the bytes of each. Blocks for a few seconds at most.

        special: whether the text of a control token is that token.
        """
        asked = {"content": text, "parse_special": special, "with_pieces": True}
        return [
            (one["id"], _bytes(one["piece"])) for one in self._ask("/tokenize", asked)["tokens"]
        ]

    def properties(self) -> dict[str, Any]:
        """What the server says of its model: its chat template, its window, and so on."""
        (model,) = self._ask("/v1/models")["data"]
        return self._ask("/props") | model["meta"]

    async def completion(self, asked: dict[str, Any]) -> AsyncGenerator[list[dict], None]:
        """The events of a completion, those that come together in one list.

        Closing it closes the connection, which ends the generation.
        """
        watch = _Watch(self._ailing)
        try:
            streaming = self._here().stream("POST", "/completion", json=asked)
            response = await watch.until(streaming.__aenter__())
            try:
                if response.status_code != 200:
                    raise self._refusal(json.loads(await watch.until(response.aread())))
                async with aclosing(self._events(response.aiter_raw(), watch)) as events:
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
            watch.end()

    def close(self) -> None:
        """Nothing more will be asked; what streams ends with the server."""
        self._quick.close()

    async def _events(
        self, coming: AsyncGenerator[bytes, None], watch: "_Watch"
    ) -> AsyncGenerator[list[dict], None]:
        held = b""
        while (part := await watch.until(anext(coming, None))) is not None:
            *whole, held = (held + part).split(b"\n\n")
            events = [json.loads(one[6:]) for one in whole if one.startswith(b"data: ")]
            for event in events:
                if "error" in event:
                    raise self._refusal(event)
            if len(held) > MOST_BYTES:
                raise ValueError("an event without an end")
            if events:
                yield events

    def _ask(self, path: str, asked: dict[str, Any] | None = None) -> dict[str, Any]:
        import httpx

        try:
            try:
                answer = self._quick.request("POST" if asked else "GET", path, json=asked)
            except httpx.RemoteProtocolError:  # it closed a connection that had waited
                answer = self._quick.request("POST" if asked else "GET", path, json=asked)
            told = answer.json()
        except httpx.TimeoutException:
            reason = f"no answer from llama.cpp for {ANSWER:g} s"
            raise MemberTimeout(self._member, self._ailing() or reason) from None
        except (httpx.HTTPError, ValueError, RuntimeError) as error:
            raise self._broken(error) from error
        if answer.status_code != 200:
            raise self._refusal(told)
        return told

    def _here(self) -> "httpx.AsyncClient":
        """The client of the event loop that runs."""
        import httpx

        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
            timeout = httpx.Timeout(None, connect=CONNECT)
            options = self._options | {"limits": limits, "timeout": timeout}
            self._clients[loop] = httpx.AsyncClient(**options)
        return self._clients[loop]

    def _refusal(self, told: dict[str, Any]) -> MemberError:
        error = told.get("error", {})
        code, said = error.get("code"), str(error.get("message", told))[:300]
        if error.get("type") == "exceed_context_size_error":
            return TooLong(self._member, said)
        kind = MemberDown if code in (401, 503) else MemberError
        return kind(self._member, f"llama.cpp answers {code}: {said}")

    def _silent(self) -> MemberError:
        if reason := self._ailing():
            return MemberDown(self._member, reason)
        return MemberTimeout(self._member, f"llama.cpp was silent for {SILENCE:g} s")

    def _broken(self, error: Exception) -> MemberError:
        reason = self._ailing() or f"the connection to llama.cpp broke: {error or repr(error)}"
        return MemberDown(self._member, reason[:500])


class _Watch:
    """Ends a wait where the server fell ill or was silent for too long, found by a look a second.

    A limit on every wait would be set as often as there are tokens.
    """

    def __init__(self, ailing: Callable[[], str | None]):
        self._ailing = ailing
        self._loop = asyncio.get_running_loop()
        self._wait: asyncio.Timeout | None = None
        self._since = 0.0
        self._timer = self._loop.call_later(LOOK, self._look)

    async def until(self, waiting: Awaitable[T]) -> T:
        """What is waited for. Raises TimeoutError."""
        self._since = self._loop.time()
        async with asyncio.timeout(None) as self._wait:
            try:
                return await waiting
            finally:
                self._wait = None

    def end(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        late = self._loop.time() - self._since > SILENCE
        if self._wait is not None and (late or self._ailing()):
            self._wait.reschedule(0)
        else:
            self._timer = self._loop.call_later(LOOK, self._look)


def _bytes(piece: str | list[int]) -> bytes:
    return piece.encode() if isinstance(piece, str) else bytes(piece)
