"""OpenAI-compatible routes, /v1/models and /v1/chat/completions, over the page's blends."""

import asyncio
import hmac
import json
import re
from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from arena.api.completion_request import CompletionRequest, of_setting, parse_request
from arena.api.completion_response import CompletionResponse
from arena.api.completion_stream import CompletionStream, Turns
from arena.api.connection import while_connected
from arena.api.errors import ANSWERED, SERVER_ERROR, ApiError, api_error, brief, failure_of
from arena.site.site import Site
from arena.site.stream_merge import merge_streams
from blend.members import SamplingError
from blend.message import MessageError

MAX_VALUES = 20_000
"""Lists and objects of a request: several for each message."""

STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
"""JSON's strings, and the beginning of one that does not end."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Api:
    """The handlers over one site. key: what clients must send as a bearer token; empty: nothing."""

    def __init__(self, site: Site, key: str = ""):
        self.site = site
        self._key = key
        # Reading a body and measuring it takes milliseconds that no other reply should wait for,
        # and more than one at a time would take them from the store's threads.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="api")

    def routes(self) -> list[Route]:
        """The routes, for the server that carries the page."""
        paths = ("/v1", "/v1/{path:path}")
        return [Route(path, self.answer, methods=METHODS) for path in paths]

    async def answer(self, request: Request) -> Response:
        """Whatever is asked under /v1; slashes too many in its path do no harm."""
        path = re.sub("/+", "/", request.path_params.get("path", "")).strip("/")
        try:
            self._check_access(request)
            self._check_path(path, request.method)
            if path == "chat/completions":
                return await self._complete(request)
            return JSONResponse(self._models(path.removeprefix("models").removeprefix("/")))
        except ANSWERED as error:
            return api_error(error).response()

    def _check_access(self, request: Request) -> None:
        """Raise ApiError for a client without the key, or before all can be answered."""
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        sent = sent.strip() if scheme.lower() == "bearer" else ""
        if self._key and not hmac.compare_digest(sent.encode(), self._key.encode()):
            needed = "A key is needed: send it as `Authorization: Bearer …`."
            raise ApiError(needed, None, "invalid_api_key", 401, "authentication_error")
        if not self.site.contenders.ready:
            loading = "The models are loading: try again soon."
            raise ApiError(loading, status=503, kind=SERVER_ERROR, retry_after="5")

    def _check_path(self, path: str, method: str) -> None:
        if path != "chat/completions" and path.split("/")[0] != "models":
            nothing = f"There is nothing at {brief(f'/v1/{path}')}"
            raise ApiError(
                f"{nothing}: POST /v1/chat/completions answers.", None, "unknown_url", 404
            )
        allowed = ("POST",) if path == "chat/completions" else ("GET", "HEAD")
        if method not in allowed:
            wrong = f"{method} is not allowed here: use {allowed[0]}."
            raise ApiError(wrong, None, "method_not_allowed", 405, allow=allowed[0])

    def _models(self, name: str) -> dict[str, object]:
        """One contender, or all of them; root: its id, None while it is down. Raises ApiError."""
        ids = self.site.contenders.ids
        alike = {"created": int(self.site.started), "owned_by": "blended-arena"}
        names = [spec.name for spec in self.site.roster.contenders]
        models = {
            each: {"id": each, "object": "model", "root": ids.get(each), **alike} for each in names
        }
        if not name:
            return {"object": "list", "data": list(models.values())}
        if name not in models:
            raise _unknown(name)
        return models[name]

    async def _complete(self, request: Request) -> Response:
        """A reply of a contender to a conversation, streamed or whole."""
        site, address = self.site, hashed_address(self.site, request)
        # A client with the key is known to the host: no address of theirs is counted.
        counted = None if self._key else address
        # First, so that what is refused for its form is counted as well.
        await site.guard.check_message(None, counted)
        asked = await self._parse(await request.body())
        said = [m.text for m in asked.conversation.messages() if m.role != "assistant"]
        await site.guard.check_message(None, None, *said)
        where = {"client": address, "address": counted, "may_be_empty": True}
        streams = [
            site.replies.stream_to_program(asked.model, asked.conversation, **where, **sampling)
            for sampling in asked.samplings()
        ]
        coming = merge_streams(dict(enumerate(streams)), end=site.limiter.until_end)
        try:
            newest = await while_connected(request.receive, _first(coming, asked.stream))
        except BaseException:
            await coming.aclose()
            raise
        if asked.stream:
            return CompletionStream(site.replies, asked, newest, coming)
        turns = [newest[index] for index in range(asked.n)]
        members = ("; ".join(draw.member for draw in turn.draws) for turn in turns)
        headers = {"x-blend-member": _header(members)}
        if all(turn.draw.chance is not None for turn in turns):
            chances = ("; ".join(f"{d.chance:.6g}" for d in turn.draws) for turn in turns)
            headers["x-blend-chance"] = _header(chances)
        return JSONResponse(CompletionResponse(asked.model).whole(turns), headers=headers)

    async def _parse(self, body: bytes) -> CompletionRequest:
        """The request in a body, which the contender's members can answer. Raises ApiError."""
        loop, contenders = asyncio.get_running_loop(), self.site.contenders
        longest = self.site.settings.longest_message
        asked = await loop.run_in_executor(self._reader, _read, body, longest)
        try:
            blend = contenders.blend(asked.model)
        except KeyError:
            raise _unknown(asked.model) from None
        try:
            blend.check(asked.sampling)
            most = asked.sampling.get("max_tokens")
            fits = partial(contenders.check_length, asked.conversation, asked.model, most)
            await loop.run_in_executor(self._reader, fits)
        except SamplingError as error:
            raise of_setting(error) from None
        except MessageError as error:
            raise ApiError(str(error), "messages", "context_length_exceeded") from None
        return asked


def hashed_address(site: Site, request: Request) -> str | None:
    """Where a program asks from."""
    return site.hasher(request.client and request.client.host)


async def _first(coming: AsyncGenerator[Turns, None], stream: bool) -> Turns:
    """The newest turns at the first words of a stream, else the finished ones: what fails before
    them is an error of its own. Raises ApiError."""
    newest: Turns = {}
    async for newest in coming:
        for turn in newest.values():
            if turn.error:
                raise failure_of(turn)
        if stream and any(turn.has_reply or turn.finished for turn in newest.values()):
            break
    return newest


def _read(body: bytes, longest: int) -> CompletionRequest:
    """The request in a body. Raises ApiError."""
    if _is_crowded(body):
        said = f"The body has more than {MAX_VALUES:,} lists and objects: send fewer messages."
        raise ApiError(said)
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("The body is not JSON.") from None
    return parse_request(read, longest)


def _is_crowded(body: bytes) -> bool:
    """Whether it has more lists and objects than any history; those take a parser the longest, in
    which no other thread can run."""
    if body.count(b"[") + body.count(b"{") <= MAX_VALUES:
        return False
    bare = STRINGS.sub(b"", body)
    return bare.count(b"[") + bare.count(b"{") > MAX_VALUES


def _header(values: Iterable[str]) -> str:
    """What is told of each reply. Header values are Latin-1: other letters are escaped."""
    return ", ".join(values).encode("ascii", "backslashreplace").decode()


def _unknown(name: str) -> ApiError:
    said = f"There is no model {brief(name)} here: GET /v1/models lists them."
    return ApiError(said, "model", "model_not_found", status=404)
