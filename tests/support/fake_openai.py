"""A tiny OpenAI-compatible server on a loopback port, in the test's loop, that fails as told."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

WORDS = ("Hello", " there", ",", " friend", ".")


class Exchange:
    """One request and the connection on which to answer it. body is empty for GET."""

    def __init__(self, server, path, headers, body, reader, writer):
        self.server, self.path, self.headers, self.body = server, path, headers, body
        self.reader, self.writer = reader, writer

    async def head(self, status="200 OK", kind="text/event-stream", **more):
        more |= {"Content_Type": kind, "Connection": "close", "Transfer_Encoding": "chunked"}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
        self.writer.write("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode())
        await self.writer.drain()

    async def raw(self, text):
        data = text.encode()
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self.writer.drain()

    def close(self):
        """The end of what is sent, without which a client knows that something is missing."""
        if not self.writer.is_closing():
            self.writer.write(b"0\r\n\r\n")

    async def json(self, data, status="200 OK", **headers):
        await self.head(status, "application/json", **headers)
        await self.raw(json.dumps(data))

    async def event(self, **chunk):
        await self.raw(f"data: {json.dumps(chunk)}\n\n")

    async def word(self, text, name="content"):
        delta = {name: text}
        await self.event(choices=[{"index": 0, "delta": delta, "finish_reason": None}])

    async def end(self, reason="stop", usage=True):
        await self.event(choices=[{"index": 0, "delta": {}, "finish_reason": reason}])
        if usage and self.body.get("stream_options"):
            details = {"cached_tokens": 4}
            counts = {"prompt_tokens": 11, "completion_tokens": 7, "prompt_tokens_details": details}
            await self.event(choices=[], usage=counts)
        await self.raw("data: [DONE]\n\n")

    async def reply(self, words=WORDS, pace=0.0, reason="stop", usage=True, thoughts=()):
        """thoughts: pairs of a text and the name of the field in which it is told apart."""
        await self.head()
        await self.event(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}}])
        for thought, name in thoughts:
            await asyncio.sleep(pace)
            await self.word(thought, name)
        for word in words:
            await asyncio.sleep(pace)
            await self.word(word)
        await self.end(reason, usage)

    def kill(self):
        """Drop the connection without a word."""
        self.writer.transport.abort()


Answer = Callable[[Exchange], Awaitable[None]]


class Server:
    """asked: the bodies of all chat requests. live: those whose client still listens. look: what
    answers for the list of models, where it is not to be the list."""

    def __init__(self, answer: Answer, models=({"id": "m"},)):
        self.answer, self.models = answer, models
        self.asked, self.headers, self.looks, self.live = [], [], 0, 0
        self.look: Answer | None = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    async def open(self, port=0):
        self.listener = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self.listener.sockets[0].getsockname()[1]

    async def close(self):
        self.listener.close()
        await self.listener.wait_closed()

    async def _serve(self, reader, writer):
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
            raw = await reader.readexactly(int(headers.get("content-length", 0)))
            path, body = first.split()[1], json.loads(raw or b"{}")
            exchange = Exchange(self, path, headers, body, reader, writer)
            if path.endswith("/models"):
                self.looks += 1
                await (self.look or listed)(exchange)
            else:
                await self._chat(exchange)
            exchange.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _chat(self, exchange):
        self.asked.append(exchange.body)
        self.headers.append(exchange.headers)
        self.live += 1
        answering = asyncio.ensure_future(self.answer(exchange))
        hanging_up = asyncio.ensure_future(exchange.reader.read())
        try:
            await asyncio.wait({answering, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:  # at the end of the answer, or when the client has left
            self.live -= 1
            answering.cancel()
            hanging_up.cancel()
            await asyncio.gather(answering, hanging_up, return_exceptions=True)


@asynccontextmanager
async def serving(*answers: Answer, **options):
    """A server for each of the answers, on ports of their own; those without one just reply."""
    servers = [Server(answer, **options) for answer in answers]
    for server in servers:
        await server.open()
    try:
        yield servers if len(servers) > 1 else servers[0]
    finally:
        for server in servers:
            await server.close()


async def listed(exchange: Exchange) -> None:
    """The list of models."""
    await exchange.json({"object": "list", "data": list(exchange.server.models)})


async def replies(exchange: Exchange) -> None:
    """The behaviour of a server that is well."""
    await exchange.reply()
