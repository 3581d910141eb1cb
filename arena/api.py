"""OpenAI-compatible routes, /v1/models and /v1/chat/completions, over the page's blends."""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from arena.completion import Answer, Asked, Wrong, asked, event, named, refusal
from arena.gate import Full
from arena.guard import TooMany
from arena.records import Refused
from arena.site import Site
from blend.conversation import Turn
from blend.members import SamplingError

LARGEST_BODY = 4_000_000
"""Bytes of a request: more than any window holds."""
LOST = "The reply could not be finished: try again."


class Api:
    """The handlers over one site. key: what clients must send as a bearer token; empty: nothing."""

    def __init__(self, site: Site, key: str = ""):
        self.site = site
        self._key = key

    def routes(self) -> list[Route]:
        """The routes, for the server that carries the page."""
        return [
            Route("/v1/models", self.models),
            Route("/v1/models/{model:path}", self.model),
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
        ]

    async def models(self, request: Request) -> Response:
        """All contenders."""
        if (no := self._refused(request)) is not None:
            return no
        names = [spec.name for spec in self.site.roster.contenders]
        return JSONResponse({"object": "list", "data": [self._model(name) for name in names]})

    async def model(self, request: Request) -> Response:
        """One contender."""
        if (no := self._refused(request)) is not None:
            return no
        name = request.path_params["model"]
        if name not in {spec.name for spec in self.site.roster.contenders}:
            return _unknown(name)
        return JSONResponse(self._model(name))

    def _model(self, name: str) -> dict[str, object]:
        created = int(self.site.started)
        return {"id": name, "object": "model", "created": created, "owned_by": "blended-arena"}

    async def complete(self, request: Request) -> Response:
        """A reply of a contender to a conversation, streamed or whole."""
        if (no := self._refused(request)) is not None:
            return no
        try:
            wanted = asked(await _body(request), self.site.settings.longest_message)
            blend = self.site.blend(wanted.model)
            blend.check(wanted.sampling)
        except KeyError:
            return _unknown(wanted.model)
        except ClientDisconnect:
            return Response(status_code=400)
        except ValueError as error:
            error = named(error) if isinstance(error, SamplingError) else error
            param, code = getattr(error, "param", None), getattr(error, "code", None)
            return _error(400, str(error), "invalid_request_error", param, code)
        try:
            await self._admit(request, wanted)
            return await (self._stream(wanted) if wanted.stream else self._whole(wanted))
        except Full as error:
            return _error(429, str(error), "rate_limit_error", headers={"retry-after": "2"})
        except TooMany as error:
            wait = {"retry-after": str(error.seconds)}
            return _error(429, str(error), "rate_limit_error", headers=wait)
        except Refused as error:
            kind, code = "invalid_request_error", "content_policy_violation"
            return _error(400, str(error), kind, "messages", code)

    async def _admit(self, request: Request, wanted: Asked) -> None:
        """Raise Refused for too many from one address, or for what moderation refuses.

        Who has the key is known to the host: no address of theirs is counted.
        """
        peer = request.client and request.client.host
        address = (
            None if self._key else self.site.seal(peer, request.headers.get("x-forwarded-for"))
        )
        said = [m.text for m in wanted.conversation.messages() if m.role != "assistant"]
        await self.site.guard.admit(None, address, *said)

    async def _whole(self, wanted: Asked) -> Response:
        streams = [self._last(wanted) for _ in range(wanted.n)]
        turns = await asyncio.gather(*streams)
        if any(turn.error for turn in turns):
            return _error(502, LOST, "server_error")
        headers = {
            "x-blend-member": _header(turn.draw.member for turn in turns),
            "x-blend-chance": _header(f"{turn.draw.chance:.6g}" for turn in turns),
        }
        return JSONResponse(Answer(wanted.model).whole(turns), headers=headers)

    async def _last(self, wanted: Asked) -> Turn:
        async with aclosing(
            self.site.answer(wanted.model, wanted.conversation, **wanted.sampling)
        ) as growing:
            return [turn async for turn in growing][-1]

    async def _stream(self, wanted: Asked) -> Response:
        """The response begins with the first turn: what fails before it is an error of its own."""
        turns = self._choices(wanted)
        first = await anext(turns)
        return StreamingResponse(
            self._events(wanted, first, turns),
            media_type="text/event-stream",
            headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
        )

    async def _events(
        self, wanted: Asked, first: tuple[int, Turn], turns: AsyncGenerator[tuple[int, Turn], None]
    ) -> AsyncGenerator[bytes, None]:
        answer, said, newest = Answer(wanted.model), [0] * wanted.n, {first[0]: first[1]}
        sent = [float("-inf")] * wanted.n
        async with aclosing(turns):
            for index in range(wanted.n):
                yield event(answer.piece(index, "", first=True))
            async for index, turn in turns:
                newest[index] = turn
                over = turn.finished or turn.error
                due = time.monotonic() >= sent[index] + self.site.breath
                if len(turn.reply) > said[index] and (over or due):
                    yield event(answer.piece(index, turn.reply[said[index] :]))
                    said[index], sent[index] = len(turn.reply), time.monotonic()
                if turn.error:
                    yield event(refusal(LOST, "server_error"))
                    return
                if turn.finished:
                    yield event(answer.last(index, turn))
        if wanted.usage:
            yield event(answer.counts([newest[index] for index in range(wanted.n)]))
        yield event("[DONE]")

    async def _choices(self, wanted: Asked) -> AsyncGenerator[tuple[int, Turn], None]:
        """The growing turns of all choices as they come, each with its index."""
        if wanted.n == 1:
            stream = self.site.answer(wanted.model, wanted.conversation, **wanted.sampling)
            async with aclosing(stream) as growing:
                async for turn in growing:
                    yield 0, turn
            return
        news: asyncio.Queue[tuple[int, Turn] | BaseException | None] = asyncio.Queue()

        async def pump(index: int) -> None:
            try:
                stream = self.site.answer(wanted.model, wanted.conversation, **wanted.sampling)
                async with aclosing(stream) as growing:
                    async for turn in growing:
                        news.put_nowait((index, turn))
            except Full as full:
                news.put_nowait(full)
            finally:
                news.put_nowait(None)

        pumps = [asyncio.create_task(pump(index)) for index in range(wanted.n)]
        try:
            running = wanted.n
            while running:
                item = await news.get()
                if item is None:
                    running -= 1
                elif isinstance(item, Full):
                    raise item
                else:
                    yield item
        finally:
            for task in pumps:
                task.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    def _refused(self, request: Request) -> Response | None:
        sent = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self._key and not hmac.compare_digest(sent.encode(), self._key.encode()):
            said = "A key is needed: send it as `Authorization: Bearer …`."
            return _error(401, said, "authentication_error", code="invalid_api_key")
        if not self.site.ready:
            return _error(503, "The models are loading: try again soon.", "server_error")
        return None


async def _body(request: Request) -> object:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise Wrong(f"The body has more than {LARGEST_BODY:,} bytes: send a shorter history.")
        parts.append(part)
    try:
        return json.loads(b"".join(parts))
    except (ValueError, RecursionError):
        raise Wrong("The body is not JSON.") from None


def _header(values: Sequence[str]) -> str:
    """Header values are Latin-1: other letters are escaped."""
    return ", ".join(values).encode("ascii", "backslashreplace").decode()


def _unknown(name: str) -> Response:
    said = f"There is no model {name!r} here: GET /v1/models lists them."
    return _error(404, said, "invalid_request_error", "model", "model_not_found")


def _error(
    status: int,
    message: str,
    kind: str,
    param: str | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    return JSONResponse(refusal(message, kind, param, code), status, headers)
