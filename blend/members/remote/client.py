"""The openai client of a remote member: all that is known here of that package."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from blend.members import MemberDown, MemberTimeout
from blend.members.remote.address import Address
from blend.members.remote.errors import ServerError, final, from_client, timeout
from blend.members.remote.protocol import Chunk, is_window, parse_chunk
from blend.members.remote.servers import RemoteServer
from blend.members.remote.transport import HEADERS, http_client

if TYPE_CHECKING:
    from openai import AsyncOpenAI

USAGE_WAIT = 2.0
"""Seconds to wait for the counts once a reply has ended."""
END = object()


class Client:
    """Talks with the servers of an address. The key is in no error and in no log."""

    def __init__(self, address: Address, key: str):
        self._address = address
        self._key = key
        self._closed = False
        self._lock = threading.Lock()
        # A connection belongs to the event loop that opened it, so each loop has its own clients.
        self._clients: dict[asyncio.AbstractEventLoop, dict[str, AsyncOpenAI]] = {}

    async def chunks(
        self, server: RemoteServer, body: dict[str, Any], end: float
    ) -> AsyncGenerator[Chunk, None]:
        """What a server streams, up to its last word; leaving closes the connection at once.

        end: the moment on the loop's clock at which the reply is given up. Raises ServerError.
        """
        clock, limits = asyncio.get_running_loop().time, self._address.timeouts
        deadline, begun, finished = clock() + limits.first_token, False, False
        try:
            async with asyncio.timeout_at(min(deadline, end)):
                stream = await self._client(server).chat.completions.create(**body)
            async with stream:
                while True:
                    async with asyncio.timeout_at(min(deadline, end)):
                        event = await anext(stream, END)
                    if event is END:
                        break
                    chunk = parse_chunk(event)
                    begun = begun or bool(chunk.text or chunk.thought)
                    finished = finished or bool(chunk.finish)
                    yield chunk
                    if begun:
                        deadline = clock() + (USAGE_WAIT if finished else limits.between_tokens)
        except Exception as error:  # some versions let errors of httpx through
            if not finished or self._closed:
                raise self._explain(error, begun, clock() >= end) from None
        if not finished:
            raise ServerError("the reply broke off: no reason was given for its end")

    def check(self, model: str, server: RemoteServer) -> str:
        """Why a server cannot be asked, or nothing. Blocks for the connection's limit, twice.

        Whatever answers is there: the list of models is more than some servers have. Where there
        is a list, the server's window is taken from it.
        """
        return asyncio.run(self._check(model, server))

    async def _check(self, model: str, server: RemoteServer) -> str:
        import openai

        limit = 2 * self._address.timeouts.connect
        try:
            async with asyncio.timeout(limit), self._open(server) as client:
                models = getattr(await client.models.list(), "data", None)
        except TimeoutError:
            return timeout("no answer", limit).reason
        except (openai.APIStatusError, openai.APIConnectionError) as error:
            status = getattr(error, "status_code", 0)
            if status >= 400 and status not in (401, 403, 429, 502, 503, 504):
                return ""
            return from_client(error, self._key, self._address.api_key_env).reason
        except Exception:  # whatever stands in the place of the list, somebody answers
            return ""
        for entry in models if isinstance(models, list) else ():
            window = getattr(entry, "max_model_len", None)
            if getattr(entry, "id", None) == model and is_window(window):
                server.window = window
        return ""

    async def aclose(self) -> None:
        """Close the connections, which ends what streams; harmless if done twice."""
        self._closed = True
        here = asyncio.get_running_loop()
        with self._lock:
            clients_by_loop, self._clients = self._clients, {}
        for loop, clients in clients_by_loop.items():
            for client in clients.values():
                if loop is here:
                    await client.close()
                elif loop.is_running():
                    asyncio.run_coroutine_threadsafe(client.close(), loop)

    def _client(self, server: RemoteServer) -> "AsyncOpenAI":
        with self._lock:
            if self._closed:
                raise RuntimeError("closed")
            self._clients = {k: v for k, v in self._clients.items() if not k.is_closed()}
            clients = self._clients.setdefault(asyncio.get_running_loop(), {})
            if server.url not in clients:
                clients[server.url] = self._open(server)
            return clients[server.url]

    def _open(self, server: RemoteServer) -> "AsyncOpenAI":
        import openai

        return openai.AsyncOpenAI(
            base_url=server.url,
            api_key=self._key,
            # How long a read may take is limited above: a server may send signs of life for ever.
            timeout=openai.Timeout(None, connect=self._address.timeouts.connect),
            max_retries=0,  # which server is asked again, and when, is decided by Remote
            default_headers=HEADERS,
            http_client=http_client(),
        )

    def _explain(self, error: Exception, begun: bool, whole: bool) -> ServerError:
        """Why a reply was not finished. begun: it had begun. whole: its whole time was over."""
        limits = self._address.timeouts
        if self._closed:
            return final("it was closed", MemberDown)
        if not isinstance(error, TimeoutError):
            return from_client(error, self._key, self._address.api_key_env)
        if whole:
            return final(f"the whole reply took more than {limits.reply:g} s", MemberTimeout)
        if begun:
            return timeout("silent in the middle of a reply", limits.between_tokens)
        return timeout("no first token", limits.first_token)
