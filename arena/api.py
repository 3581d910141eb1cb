"""OpenAI-compatible routes, /v1/models and /v1/chat/completions, over the page's blends."""

import asyncio
import hmac
import json
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from arena.answer import LOST, Answer, refusal
from arena.choices import Choices
from arena.completion import Asked, Wrong, asked, brief, named
from arena.gate import Closed, Full
from arena.guard import TooMany
from arena.records import Refused
from arena.site import Site
from arena.stream import Stream
from blend.conversation import Turn
from blend.length import MessageTooLong
from blend.members import SamplingError

MOST_VALUES = 20_000
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
        if (no := self._refused(request)) is not None:
            return no
        if path == "models":
            return self._allowed(request, "GET") or self._models()
        if path.startswith("models/"):
            return self._allowed(request, "GET") or self._model(path.removeprefix("models/"))
        if path == "chat/completions":
            return self._allowed(request, "POST") or await self._complete(request)
        said = f"There is nothing at {brief(f'/v1/{path}')}: POST /v1/chat/completions answers."
        return _error(404, said, "invalid_request_error", code="unknown_url")

    def _allowed(self, request: Request, method: str) -> Response | None:
        if request.method == method or (method, request.method) == ("GET", "HEAD"):
            return None
        said = f"{request.method} is not allowed here: use {method}."
        kind, code = "invalid_request_error", "method_not_allowed"
        return _error(405, said, kind, code=code, headers={"allow": method})

    def _refused(self, request: Request) -> Response | None:
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        sent = sent.strip() if scheme.lower() == "bearer" else ""
        if self._key and not hmac.compare_digest(sent.encode(), self._key.encode()):
            said = "A key is needed: send it as `Authorization: Bearer …`."
            return _error(401, said, "authentication_error", code="invalid_api_key")
        if not self.site.ready:
            said, wait = "The models are loading: try again soon.", {"retry-after": "5"}
            return _error(503, said, "server_error", headers=wait)
        return None

    def _models(self) -> Response:
        """All contenders."""
        names = [spec.name for spec in self.site.roster.contenders]
        return JSONResponse({"object": "list", "data": [self._described(name) for name in names]})

    def _model(self, name: str) -> Response:
        """One contender."""
        if name not in {spec.name for spec in self.site.roster.contenders}:
            return _of(_unknown(name))
        return JSONResponse(self._described(name))

    def _described(self, name: str) -> dict[str, object]:
        created = int(self.site.started)
        return {"id": name, "object": "model", "created": created, "owned_by": "blended-arena"}

    async def _complete(self, request: Request) -> Response:
        """A reply of a contender to a conversation, streamed or whole."""
        address = caller(self.site, request)
        # Who has the key is known to the host: no address of theirs is counted.
        counted = None if self._key else address
        try:
            # First, so that what is refused for its form is counted as well.
            await self.site.guard.admit(None, counted)
            wanted = await self._wanted(await request.body())
            said = [m.text for m in wanted.conversation.messages() if m.role != "assistant"]
            await self.site.guard.admit(None, None, *said)
            streams = [
                self.site.answer(
                    wanted.model,
                    wanted.conversation,
                    caller=address,
                    address=counted,
                    may_be_empty=True,
                    **sampling,
                )
                for sampling in wanted.samplings()
            ]
            return await self._written(request, wanted, Choices(streams, self.site.gate.over))
        except ClientDisconnect:
            return Response(status_code=400)
        except Wrong as wrong:
            return _of(wrong)
        except LostReply as error:
            return _error(502, str(error), "server_error")
        except Closed as error:
            return _error(503, str(error), "server_error", headers={"retry-after": "5"})
        except Full as error:
            return _error(429, str(error), "rate_limit_error", headers={"retry-after": "2"})
        except TooMany as error:
            wait = {"retry-after": str(error.seconds)}
            return _error(429, str(error), "rate_limit_error", headers=wait)
        except Refused as error:
            kind, code = "invalid_request_error", "content_policy_violation"
            return _error(400, str(error), kind, "messages", code)

    async def _wanted(self, body: bytes) -> Asked:
        """The request in a body, which the contender's members can answer. Raises Wrong."""
        loop, longest = asyncio.get_running_loop(), self.site.settings.longest_message
        wanted = await loop.run_in_executor(self._reader, _read, body, longest)
        try:
            blend = self.site.blend(wanted.model)
        except KeyError:
            raise _unknown(wanted.model) from None
        try:
            blend.check(wanted.sampling)
            most = wanted.sampling.get("max_tokens")
            fits = partial(self.site.check_length, wanted.conversation, wanted.model, most)
            await loop.run_in_executor(self._reader, fits)
        except SamplingError as error:
            raise named(error) from None
        except MessageTooLong as error:
            raise Wrong(str(error), "messages", "context_length_exceeded") from None
        return wanted

    async def _written(self, request: Request, wanted: Asked, choices: Choices) -> Response:
        """The response. One that is streamed begins with the first words: what fails before them
        is an error of its own."""
        turns, newest = choices.turns(), dict[int, Turn]()
        leaving = asyncio.create_task(_left(request, choices))
        try:
            async for index, turn in turns:
                newest[index] = turn
                if turn.error:
                    raise Wrong(turn.error, "messages") if turn.refused else LostReply(LOST)
                if wanted.stream and (turn.said or turn.finished):
                    break
            else:
                return self._whole(wanted, [newest[index] for index in range(wanted.n)])
        except BaseException:
            await choices.aclose()
            raise
        finally:
            leaving.cancel()
        return Stream(self.site, wanted, choices, newest, turns)

    def _whole(self, wanted: Asked, turns: list[Turn]) -> Response:
        headers = {
            "x-blend-member": _header(turn.draw.member for turn in turns),
            "x-blend-chance": _header(f"{turn.draw.chance:.6g}" for turn in turns),
        }
        return JSONResponse(Answer(wanted.model).whole(turns), headers=headers)


def caller(site: Site, request: Request) -> str | None:
    """Where a program asks from, sealed."""
    peer = request.client and request.client.host
    return site.seal(peer)


class LostReply(RuntimeError):
    """A reply that failed through no fault of who asked."""


async def _left(request: Request, choices: Choices) -> None:
    """End the choices when the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    choices.fail(ClientDisconnect())


def _read(body: bytes, longest: int) -> Asked:
    """The request in a body. Raises Wrong."""
    if _crowded(body):
        raise Wrong(
            f"The body has more than {MOST_VALUES:,} lists and objects: send fewer messages."
        )
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise Wrong("The body is not JSON.") from None
    return asked(read, longest)


def _crowded(body: bytes) -> bool:
    """Whether it has more lists and objects than any history; those take a parser the longest, in
    which no other thread can run."""
    if body.count(b"[") + body.count(b"{") <= MOST_VALUES:
        return False
    bare = STRINGS.sub(b"", body)
    return bare.count(b"[") + bare.count(b"{") > MOST_VALUES


def _header(values: Iterable[str]) -> str:
    """Header values are Latin-1: other letters are escaped."""
    return ", ".join(values).encode("ascii", "backslashreplace").decode()


def _unknown(name: str) -> Wrong:
    said = f"There is no model {brief(name)} here: GET /v1/models lists them."
    return Wrong(said, "model", "model_not_found", status=404)


def _of(wrong: Wrong) -> Response:
    kind = "invalid_request_error"
    return _error(wrong.status, str(wrong), kind, wrong.param, wrong.code)


def _error(
    status: int,
    message: str,
    kind: str,
    param: str | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    return JSONResponse(refusal(message, kind, param, code), status, headers)
