"""A member on any OpenAI-compatible server: vLLM, SGLang, llama.cpp, transformers serve.

What a visitor types is sent as they typed it: a server whose tokenizer takes a typed `<|end|>` for
its own marker lets them close their turn, which only the server can prevent. Where a server does
not tell its counts, pieces are counted in place of tokens, and the prompt's are 0.
"""

import asyncio
import hashlib
import json
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from blend.conversation import Message, Usage, beginning
from blend.layout import folded
from blend.members import MemberDown, MemberError, NoContinuation, Piece, Sampling, TooLong
from blend.members.http.address import Address
from blend.members.http.client import Client
from blend.members.http.dialect import CONTINUE, apart, body, bounded, fitted, switched
from blend.members.http.faults import Fault
from blend.members.http.servers import Server, Servers
from blend.members.http.unopened import Unopened
from blend.members.keeper import Keeper
from blend.members.memory import Share
from blend.members.served import own_server
from blend.members.served.process import ServerProcess, new_key
from blend.members.served.serve import Serve
from blend.text import Text

log = logging.getLogger(__name__)

MEND = "remove it, or name it in `extra` where its server understands it"
LONGEST_WAIT = 10.0
"""Seconds that a request waits at most before it tries again, whatever the server asks for."""


class Remote:
    """One model, on one server or on several that share the work.

    digest identifies the model by its name and revision, and whether it thinks, alone: other
    weights served under the same name cannot be found out.
    """

    honours = frozenset({"temperature", "top_p", "seed"})
    device = "remote"

    def __init__(
        self,
        name: str,
        model: str,
        sampling: Sampling,
        address: Address,
        key: str,
        revision: str | None = None,
    ):
        """Use `load`. model: its name on the servers. key: what they are shown."""
        self.name = name
        self.sampling = sampling
        self.honours = Remote.honours | address.extra
        identity = {"model": model, "revision": revision or ""}
        if address.thinking is not None:
            identity["thinking"] = address.thinking
        self.digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        self._model = model
        self._address = address
        self._client = Client(address, key)
        self._servers = Servers(name, address.base_urls, partial(self._client.look, model))
        self._own: Keeper[ServerProcess] | None = None
        self._shunned: frozenset[str] = frozenset()
        self._rng = random.Random()
        self._closed = False

    @classmethod
    def load(
        cls,
        name: str,
        model: str,
        sampling: Sampling,
        address: Address,
        *,
        revision: str | None = None,
        share: Share | None = None,
    ) -> "Remote":
        """The member, after a look at each of its servers. Blocks for seconds at most, but for
        minutes where its server is started here.

        A server that does not answer is no error: it is looked for again and again, and the member
        is down while none is there. Raises SamplingError, and MemberError where there is no key, or
        where its own server does not start. share: what that may take of its GPU's memory.
        """
        sampling.refuse_unless(cls.honours | address.extra, "remote", MEND)
        if address.serve is not None:
            key = new_key()
            member = cls(name, model, sampling, address, key, revision)
            member._start(address.serve, key, share)
            return member
        try:
            key = address.key()
        except KeyError as missing:
            reason = f"set the environment variable {missing.args[0]} to the key of its server"
            raise MemberError(name, reason) from None
        if not key.isascii() or not key.isprintable():  # HTTP would refuse it, and quote it
            reason = f"{address.api_key_env} holds signs that no key has: copy the key once more"
            raise MemberError(name, reason)
        member = cls(name, model, sampling, address, key, revision)
        member._servers.check()
        return member

    @property
    def down(self) -> str | None:
        if self._closed:
            return "it was closed"
        return (self._own and self._own.down) or self._servers.down

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        sampling.refuse_unless(self.honours, "remote", MEND)
        more = (CONTINUE if beginning(messages) else {}) | (apart(scope) if scope else {})
        return self._pieces(messages, sampling, more)

    async def _pieces(
        self, messages: Sequence[Message], sampling: Sampling, more: Mapping[str, Any]
    ) -> AsyncGenerator[Piece, None]:
        try:
            async with aclosing(self._reply(messages, sampling, more)) as coming:
                async for piece in coming:
                    yield piece
        except Fault as last:
            raise last.kind(self.name, last.reason) from last

    def measure(self, messages: Sequence[Message], max_tokens: int) -> None:
        """Nothing: only its server knows its tokenizer, and says so where a message is too long."""

    async def warm(self, messages: Sequence[Message]) -> None:
        """Have the history read, by asking for one token; nothing unless the roster says `warm`."""
        if self._address.warm and any(message.role == "user" for message in messages):
            one = replace(self.sampling, max_tokens=1)
            async with aclosing(self._pieces(messages, one, {})) as pieces:
                async for _ in pieces:
                    pass

    async def aclose(self) -> None:
        self._closed = True
        self._servers.close()
        await self._client.aclose()
        if self._own is not None:
            await asyncio.to_thread(self._own.close)

    def _start(self, serve: Serve, key: str, share: Share | None) -> None:
        """Start its own server, and ask it from now on, also where it is started anew."""
        values = {"model": self._model, "window": self._address.window}
        limit = self._address.timeouts.start
        moved = self._servers.move
        self._own = own_server.keep(self.name, serve, values, key, limit, share, moved)

    async def _reply(
        self, messages: Sequence[Message], sampling: Sampling, more: Mapping[str, Any]
    ) -> AsyncGenerator[Piece, None]:
        """The reply of the first try that says anything. Raises Fault: the last one's.

        more: see `dialect.body`.
        """
        window = self._address.window or self._servers.window
        reserve = min(sampling.max_tokens, self.sampling.max_tokens)
        kept, cut_turns = fitted(messages, window, reserve)
        most = bounded(kept, window, sampling.max_tokens, reserve)
        history = next((m.text for m in messages if m.role == "user"), "")
        end = asyncio.get_running_loop().time() + self._address.timeouts.reply
        tried: list[Server] = []
        server = self._servers.choose(history)
        if self.down or server is None:
            raise Fault(self.down or "its servers rest", MemberDown, again="", rests=False)
        while True:
            shunned, spoke = self._shunned, False
            sampling = replace(sampling, max_tokens=most)
            thinking = self._address.thinking
            also = more | switched(thinking)
            # A server's stop strings would end thoughts, too: there only those below are of use.
            told = replace(sampling, stop=()) if thinking else sampling
            asked = body(self._model, kept, told, self._address.extra, shunned, also)
            # Stop strings are cut here as well: some servers leave them in what they send.
            text = Text("".join, sampling.stop, [begun] if (begun := beginning(kept)) else [])
            try:
                async with aclosing(self._try(server, asked, text, cut_turns, end)) as pieces:
                    async for piece in pieces:
                        spoke = spoke or bool(piece or piece.thought)
                        yield piece
                return
            except Fault as fault:
                if fault.rests:
                    self._servers.failed(server, fault.reason, fault.after)
                if fault.shunned and fault.shunned not in shunned:
                    log.warning("%s: asked without %s: %s", self.name, fault.shunned, fault.reason)
                    self._shunned |= {fault.shunned}
                    continue
                if fault.kind is TooLong and most > reserve:
                    most = reserve
                    continue
                if fault.refused and beginning(kept):
                    raise Fault(fault.reason, NoContinuation, again="", rests=False) from fault
                if fault.refused and all(message.role == "system" for message in kept):
                    kept = folded(kept)  # many chat templates want a user to have spoken
                    continue
                tried.append(server)
                if spoke or len(tried) > self._address.retries:
                    raise
                server = await self._next(history, tried, fault)

    async def _next(self, history: str, tried: Sequence[Server], fault: Fault) -> Server:
        """The server for the next try: another one at once, or the same after a while.

        Raises the fault again where neither is of use.
        """
        other = self._servers.choose(history, tried) if fault.again else None
        if other is not None:
            return other
        wait = fault.after
        if wait is None:
            wait = 0.25 * 2 ** (len(tried) - 1) * self._rng.uniform(0.5, 1.5)
        if fault.again != "here" or wait > LONGEST_WAIT:
            raise fault
        log.info("%s: asking again in %.2f s: %s", self.name, wait, fault.reason)
        await self._client.pause(wait)
        return self._servers.choose(history) or tried[-1]

    async def _try(
        self,
        server: Server,
        asked: dict[str, Any],
        text: Text,
        cut_turns: int,
        end: float,
    ) -> AsyncGenerator[Piece, None]:
        """The pieces of one server's reply, through `text`. Raises Fault."""
        count, finish, usage = 0, "", None
        unopened = Unopened(self._address.thinking is True and not text.begun)
        with self._servers.asking(server):
            async with aclosing(self._client.chunks(server, asked, end)) as chunks:
                async for chunk in chunks:
                    count += bool(chunk.text or chunk.thought)
                    finish, usage = chunk.finish or finish, chunk.usage or usage
                    part = unopened.add(chunk.text, chunk.thought)
                    piece = text.add([part]) if part else ""
                    if piece or chunk.thought or unopened.holds:
                        yield Piece(piece, Usage(0, 0, count, cut_turns), chunk.thought)
                    if text.stopped:
                        finish = "stop"
                        break
        self._servers.answered(server)
        if self._own is not None:
            self._own.well()
        rest = text.add([unopened.end(cut=finish == "length")]) + text.end()
        usage = usage or Usage()
        usage = replace(usage, completion_tokens=usage.completion_tokens or count)
        yield Piece(rest, replace(usage, cut_turns=cut_turns, finish=finish))
