"""The host's page, /host: votes that do not count and why, who stands out, whom to bar.

For who enters the key; where none is set there is no such page. It is plain HTML with forms:
nothing of it is part of the visitors' page, and it works from the keyboard and without scripts.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from arena.docket import Docket
from arena.host_key import COOKIE, HostKey
from arena.host_text import SHOWN, Seen, entrance, failure, page
from arena.integrity import Limits
from arena.records import Refused, StoreError
from arena.retrial import retrial

LONGEST = 4096
"""Bytes of a form that are read."""

QUIET = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-robots-tag": "none",
}

OLD = "The key is no longer part of the address: enter it here."


class Done(NamedTuple):
    """What came of a form, as a sentence, and whether anything was changed."""

    said: str
    changed: bool = True


def routes(
    path: str,
    limits: Limits,
    key: HostKey,
    seal: Callable[[str | None], str | None],
    prefix: str = "/",
) -> list[Route]:
    """The page over the database at `path`, whose votes are judged by `limits`.

    seal: an address as it may be written down. prefix: the path under which the site is seen.
    """

    async def show(request: Request) -> Response:
        if not key:
            raise HTTPException(404)
        if key.entered(request.cookies.get(COOKIE)):
            return await _answer(path, limits, {})
        old = "key" in request.query_params
        return HTMLResponse(entrance(OLD if old else ""), headers=QUIET)

    async def act(request: Request) -> Response:
        if not key:
            raise HTTPException(404)
        asked, token = await form(request), None
        try:
            if "key" in asked:
                token = key.enter(asked["key"], seal(request.client and request.client.host))
            elif not key.entered(request.cookies.get(COOKIE)):
                raise Refused("Enter the key first.")
        except Refused as refusal:
            return HTMLResponse(entrance(str(refusal), asked), 403, QUIET)
        answer = await _answer(path, limits, asked)
        if token is not None:
            secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
            answer.set_cookie(
                COOKIE, token, path=prefix, secure=secure, httponly=True, samesite="strict"
            )
        return answer

    return [Route("/host", show, methods=["GET"]), Route("/host", act, methods=["POST"])]


async def form(request: Request) -> dict[str, str]:
    """The first value of each field; what is too long for any form of the page is not read."""
    read = b""
    async for chunk in request.stream():
        read += chunk[: LONGEST - len(read)]
        if len(read) == LONGEST:
            break
    return {name: values[0] for name, values in parse_qs(read.decode(errors="replace")).items()}


async def _answer(path: str, limits: Limits, asked: dict[str, str]) -> HTMLResponse:
    """The page, after what is asked for was done."""
    done = Done("")
    try:
        if "do" in asked:
            done = await asyncio.to_thread(do, path, limits, asked)
        seen = await asyncio.to_thread(look, path, limits)
    except StoreError as error:
        return HTMLResponse(failure(str(error), asked, done.said), 503, QUIET)
    typed = "" if done.changed else asked.get("visitor", "")
    return HTMLResponse(page(seen, done.said, typed), headers=QUIET)


def look(path: str, limits: Limits) -> Seen:
    """All own votes judged anew, on paper. Blocks: a second or so for every 100,000 votes."""
    start = time.monotonic()
    with closing(Docket.look(path)) as docket:
        found = retrial(docket.case("own"), limits)
        dropped, barred = docket.dropped(SHOWN), docket.barred()
    return Seen(found, dropped, barred, time.time(), time.monotonic() - start)


def do(path: str, limits: Limits, asked: dict[str, str]) -> Done:
    """Bar a visitor, lift that, or store the review. Raises StoreError."""
    what, visitor = asked.get("do", ""), asked.get("visitor", "").strip()
    with closing(Docket.open(path)) as docket:
        if what in ("bar", "lift"):
            if not docket.bar(visitor, what == "bar"):
                return Done(f"There is no visitor “{visitor}”: nothing was changed.", False)
            done = "is barred: votes from now on" if what == "bar" else "is free: votes from now on"
            return Done(f"{visitor} {done} {'do not count' if what == 'bar' else 'count again'}.")
        if what == "apply":
            found = retrial(docket.case("own"), limits)
            n = sum(docket.apply(found.case, found.review, found.changed))
            return Done(
                f"The review was stored: {n:,} {'vote was' if n == 1 else 'votes were'} judged "
                "anew, none was deleted."
            )
    return Done("Nothing was asked for, so nothing was changed.", False)
