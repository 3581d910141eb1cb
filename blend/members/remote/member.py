"""A member on any server that speaks OpenAI's API: vLLM, SGLang, llama.cpp, transformers serve.

What a visitor types is sent as they typed it. If the server's tokenizer takes a typed `<|end|>` for
its own marker, a visitor can end their turn with it; only the server can prevent that. Where a
server tells no counts, pieces are counted as tokens, and the prompt's count is 0.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from blend.conversation import Usage
from blend.members import MemberDown, Piece, Sampling
from blend.members.local.memory import DeviceShare
from blend.members.remote.address import Address
from blend.members.remote.client import Client
from blend.members.remote.errors import ServerError, final
from blend.members.remote.request import RemoteRequest
from blend.members.remote.servers import RemoteServer, Servers
from blend.members.remote.unopened import UnopenedThoughts
from blend.members.served import own_server
from blend.members.served.process import ServerProcess, new_key
from blend.members.supervisor import Supervisor
from blend.message import Message, beginning
from blend.prompt.detokenizer import StreamDetokenizer

log = logging.getLogger(__name__)

MEND = "remove it, or name it in `extra` where its server understands it"


class Remote:
    """One model, on one server or on several that share the work.

    digest follows the model's name and revision and whether it thinks: nobody can see from here
    that other weights are served under the same name.
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
        self.digest = address.digest(model, revision)
        self._model = model
        self._address = address
        self._client = Client(address, key)
        self._servers = Servers(name, partial(self._client.check, model))
        self._own: Supervisor[ServerProcess] | None = None
        self._unsupported: frozenset[str] = frozenset()

    @classmethod
    def load(
        cls,
        name: str,
        model: str,
        sampling: Sampling,
        address: Address,
        *,
        revision: str | None = None,
        share: DeviceShare | None = None,
    ) -> "Remote":
        """The member, after a check of each server. Blocks for seconds, or for minutes where its
        server is started here.

        A server that does not answer is no error: it is checked again and again, and the member is
        down while none is there. Raises SamplingError, and MemberError where there is no key, or
        where its own server does not start. share: what that may take of its GPU's memory.
        """
        sampling.refuse_unless(cls.honours | address.extra, "remote", MEND)
        key = new_key() if address.serve else address.key(name)
        member = cls(name, model, sampling, address, key, revision)
        if address.serve is None:
            member._servers.open(address.base_urls)
            return member
        values = {"model": model, "window": address.window}
        limit, opened = address.timeouts.start, member._servers.open
        member._own = own_server.supervise_server(
            name, address.serve, values, key, limit, share, opened
        )
        return member

    @property
    def down(self) -> str | None:
        return (self._own and self._own.down) or self._servers.down

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        sampling.refuse_unless(self.honours, "remote", MEND)
        return self._pieces(messages, sampling, scope, bool(beginning(messages)))

    async def _pieces(
        self, messages: Sequence[Message], sampling: Sampling, scope: str, continues: bool
    ) -> AsyncGenerator[Piece, None]:
        try:
            async with aclosing(self._reply(messages, sampling, scope, continues)) as pieces:
                async for piece in pieces:
                    yield piece
        except ServerError as last:
            raise last.kind(self.name, last.reason) from last

    def measure(self, messages: Sequence[Message], max_tokens: int) -> None:
        """Nothing: only its server knows its tokenizer, and says so where a message is too long."""

    async def warm(self, messages: Sequence[Message]) -> None:
        """Have the history read, by asking for one token; nothing unless the roster says `warm`."""
        if self._address.warm and any(message.role == "user" for message in messages):
            one = replace(self.sampling, max_tokens=1)
            async with aclosing(self._pieces(messages, one, "", False)) as pieces:
                async for _ in pieces:
                    pass

    async def aclose(self) -> None:
        self._servers.close()
        await self._client.aclose()
        if self._own is not None:
            await asyncio.to_thread(self._own.close)

    async def _reply(
        self, messages: Sequence[Message], sampling: Sampling, scope: str, continues: bool
    ) -> AsyncGenerator[Piece, None]:
        """The reply of the first try that says anything. Raises ServerError: the last one's."""
        window = self._address.window or self._servers.window
        usual = self.sampling.max_tokens
        request = RemoteRequest.fit(messages, sampling, usual, window, scope, continues)
        history = next((m.text for m in messages if m.role == "user"), "")
        end = asyncio.get_running_loop().time() + self._address.timeouts.reply
        tried: list[RemoteServer] = []
        server = self._servers.choose(history)
        if self.down or server is None:
            raise final(self.down or "its servers rest", MemberDown)
        while True:
            request.unsupported, spoke = self._unsupported, False
            try:
                async with aclosing(self._try(server, request, end)) as pieces:
                    async for piece in pieces:
                        spoke = spoke or bool(piece or piece.thought)
                        yield piece
                return
            except ServerError as error:
                if error.to_blame:
                    self._servers.failed(server, error.reason, error.retry_after)
                if request.adapt(error):
                    for name in request.unsupported - self._unsupported:
                        log.warning("%s: asked without %s: %s", self.name, name, error.reason)
                    self._unsupported |= request.unsupported
                    continue
                tried.append(server)
                if spoke or len(tried) > self._address.retries:
                    raise
                server = await self._servers.after(error, history, tried)

    async def _try(
        self, server: RemoteServer, request: RemoteRequest, end: float
    ) -> AsyncGenerator[Piece, None]:
        """The pieces of one server's reply. Raises ServerError."""
        count, finish, usage, thinking = 0, "", None, self._address.thinking
        # Stop strings are cut here as well: some servers leave them in what they send.
        begun = beginning(request.messages)
        text = StreamDetokenizer("".join, request.sampling.stop, [begun] if begun else [])
        unopened = UnopenedThoughts(thinking is True and not text.begun)
        body = request.body(self._model, self._address.extra, thinking)
        with self._servers.count(server):
            async with aclosing(self._client.chunks(server, body, end)) as chunks:
                async for chunk in chunks:
                    count += bool(chunk.text or chunk.thought)
                    finish, usage = chunk.finish or finish, chunk.usage or usage
                    part = unopened.add(chunk.text, chunk.thought)
                    piece = text.add([part]) if part else ""
                    if piece or chunk.thought or unopened.waiting:
                        yield Piece(piece, Usage(0, 0, count, request.cut_turns), chunk.thought)
                    if text.stopped:
                        finish = "stop"
                        break
        self._servers.succeeded(server)
        if self._own is not None:
            self._own.report_success()
        rest = text.add([unopened.end(cut=finish == "length")]) + text.end()
        usage = usage or Usage()
        written, cut_turns = usage.completion_tokens or count, request.cut_turns
        usage = replace(usage, completion_tokens=written, cut_turns=cut_turns, finish=finish)
        yield Piece(rest, usage)
