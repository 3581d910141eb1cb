"""The host's page, /host?key=…: votes that do not count and why, who stands out, whom to bar.

For who has the key; to everybody else there is no such page. It is plain HTML with forms: nothing
of it is part of the visitors' page, and it works from the keyboard and without scripts.
"""

import asyncio
import hmac
import os
import time
from contextlib import closing
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from arena.assignment import HOST_KEY
from arena.docket import Docket
from arena.host_text import SHOWN, Seen, failure, page
from arena.integrity import Limits
from arena.records import StoreError
from arena.retrial import retrial

LONGEST = 4096
"""Bytes of a form that are read."""

QUIET = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "none"}


class Done(NamedTuple):
    """What came of a form, as a sentence, and whether anything was changed."""

    said: str
    changed: bool = True


def is_host(key: str) -> bool:
    """Whether this is the host's key; compared in constant time, and never without one set."""
    right = os.environ.get(HOST_KEY, "").encode()
    return bool(right) and hmac.compare_digest(key.encode(errors="replace"), right)


def routes(path: str, limits: Limits) -> list[Route]:
    """The page over the database at `path`, whose votes are judged by `limits`."""

    async def show(request: Request) -> Response:
        asked = {"key": request.query_params.get("key", "")}
        return await _answer(path, limits, asked)

    async def act(request: Request) -> Response:
        return await _answer(path, limits, await form(request), acts=True)

    return [Route("/host", show, methods=["GET"]), Route("/host", act, methods=["POST"])]


async def form(request: Request) -> dict[str, str]:
    """The first value of each field; what is too long for any form of the page is not read."""
    read = b""
    async for chunk in request.stream():
        read += chunk[: LONGEST - len(read)]
        if len(read) == LONGEST:
            break
    return {name: values[0] for name, values in parse_qs(read.decode(errors="replace")).items()}


async def _answer(
    path: str, limits: Limits, asked: dict[str, str], acts: bool = False
) -> HTMLResponse:
    """The page; others are answered as on any path that is none."""
    key, done = asked.get("key", ""), Done("")
    if not is_host(key):
        raise HTTPException(404)
    try:
        if acts:
            done = await asyncio.to_thread(do, path, limits, asked)
        seen = await asyncio.to_thread(look, path, limits)
    except StoreError as error:
        return HTMLResponse(failure(str(error), asked, done.said), 503, QUIET)
    typed = "" if done.changed else asked.get("visitor", "")
    return HTMLResponse(page(seen, key, done.said, typed), headers=QUIET)


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
