"""The host's page, /host: votes that do not count and why, who stands out, whom to bar.

For who enters the key; where none is set there is no such page. It is plain HTML with forms:
nothing of it is part of the visitors' page, and it works from the keyboard and without scripts.
"""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from arena.battle.vote_review import VoteReview
from arena.models import Refused, StoreError
from arena.pages.templates import render
from arena.site.admin_key import COOKIE, AdminKey
from arena.votes.rules import Limits

LONGEST = 4096  # bytes of a form that are read

MOST_SUSPECTS = 200  # visitors that are listed at most, the surest ones

CHOICES = {"left": "A", "right": "B", "tie": "tie", "both_bad": "both bad"}

QUIET = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-robots-tag": "none",
}

OLD = "The key is no longer part of the address: enter it here."


def routes(
    path: str,
    limits: Limits,
    key: AdminKey,
    hash_address: Callable[[str | None], str | None],
    prefix: str = "/",
) -> list[Route]:
    """The page over the database at `path`, whose votes are judged by `limits`.

    hash_address: what an address is written down as. prefix: the path under which the site is seen.
    """

    review = VoteReview(path, limits)

    async def show(request: Request) -> Response:
        if not key:
            raise HTTPException(404)
        if key.entered(request.cookies.get(COOKIE)):
            return await _answer(review, {})
        return _page("admin_key.html", 200, OLD if "key" in request.query_params else "", form={})

    async def act(request: Request) -> Response:
        if not key:
            raise HTTPException(404)
        fields, token = await form(request), None
        try:
            if "key" in fields:
                token = key.enter(
                    fields["key"], hash_address(request.client and request.client.host)
                )
            elif not key.entered(request.cookies.get(COOKIE)):
                raise Refused("refusals.key_first")
        except Refused as refusal:
            return _page("admin_key.html", 403, str(refusal), form=_kept(fields))
        answer = await _answer(review, fields)
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


def _kept(fields: dict[str, str]) -> dict[str, str]:
    """What is sent once more with the next form; the key is not."""
    return {name: fields[name] for name in ("do", "visitor") if name in fields}


def _page(template: str, status: int, notice: str, **values: object) -> HTMLResponse:
    return HTMLResponse(render(template, notice=notice, **values), status, QUIET)


async def _answer(review: VoteReview, fields: dict[str, str]) -> HTMLResponse:
    """The page, after what is asked for was done."""
    message, changed = "", True
    try:
        if "do" in fields:
            message, changed = await asyncio.to_thread(do, review, fields)
        start = time.monotonic()
        summary = await asyncio.to_thread(review.summary)
    except StoreError as error:
        form = {} if message else _kept(fields)
        return _page(
            "admin_failure.html", 503, f"{error}. {message or 'Nothing is lost.'}", form=form
        )
    seconds, typed = time.monotonic() - start, "" if changed else fields.get("visitor", "")
    about = {"typed": typed, "at": time.time(), "seconds": seconds, "choices": CHOICES}
    return _page("admin.html", 200, message, most=MOST_SUSPECTS, **about, **summary)


def do(review: VoteReview, fields: dict[str, str]) -> tuple[str, bool]:
    """Bar a visitor, lift that, or store the review: a sentence about it, and whether anything was
    changed. Raises StoreError."""
    what, visitor = fields.get("do", ""), fields.get("visitor", "").strip()
    if what in ("bar", "lift"):
        if not review.bar(visitor, what == "bar"):
            return f"There is no visitor “{visitor}”: nothing was changed.", False
        done = "is barred: votes from now on" if what == "bar" else "is free: votes from now on"
        return f"{visitor} {done} {'do not count' if what == 'bar' else 'count again'}.", True
    if what == "apply":
        n = review.store()
        votes = "vote was" if n == 1 else "votes were"
        return f"The review was stored: {n:,} {votes} judged anew, none was deleted.", True
    return "Nothing was asked for, so nothing was changed.", False
