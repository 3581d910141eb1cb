"""The host's page, /host: every vote and why it counts or not, whom to bar, whom to retire.

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
from arena.db.repositories.votes.ledger import SOURCES, LedgerQuery
from arena.models import Refused, StoreError
from arena.pages.templates import render
from arena.site.admin_key import COOKIE, AdminKey
from arena.votes.rules import Limits

LONGEST = 4096  # bytes of a form that are read

MOST_SUSPECTS = 200  # visitors that are listed at most, the surest ones

LEDGER = ("of_visitor", "of_contender", "of_battle", "of_reason", "of_counted", "of_source")
"""The fields of the form that finds votes."""

CHOICES = {"left": "A", "right": "B", "tie": "tie", "both_bad": "both bad"}

QUIET = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-robots-tag": "none",
}

FIELDS = ("visitor", "contender", "name", *LEDGER)
"""What the forms send, beside what is to be done."""

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

    async def feedback(request: Request) -> Response:
        if not key or not key.entered(request.cookies.get(COOKIE)):
            raise HTTPException(404)
        contender = request.query_params.get("contender", "")
        try:
            text = await asyncio.to_thread(review.feedback, contender)
        except StoreError as error:
            return _page("admin_failure.html", 503, f"{error}. Nothing is lost.", form={})
        headers = QUIET | {"content-disposition": 'attachment; filename="feedback.csv"'}
        return Response(text, 200, headers, "text/csv; charset=utf-8")

    return [
        Route("/host", show, methods=["GET"]),
        Route("/host", act, methods=["POST"]),
        Route("/host/feedback", feedback, methods=["GET"]),
    ]


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
    return {name: fields[name] for name in (*FIELDS, "do") if name in fields}


def _page(template: str, status: int, notice: str, **values: object) -> HTMLResponse:
    return HTMLResponse(render(template, notice=notice, **values), status, QUIET)


async def _answer(review: VoteReview, fields: dict[str, str]) -> HTMLResponse:
    """The page, after what is asked for was done."""
    message, changed = "", True
    try:
        if "do" in fields:
            message, changed = await asyncio.to_thread(do, review, fields)
        start = time.monotonic()
        summary = await asyncio.to_thread(review.summary, ledger_query(fields))
    except StoreError as error:
        form = {} if message else _kept(fields)
        return _page(
            "admin_failure.html", 503, f"{error}. {message or 'Nothing is lost.'}", form=form
        )
    seconds, typed = time.monotonic() - start, "" if changed else fields.get("visitor", "")
    about = {"typed": typed, "at": time.time(), "seconds": seconds, "choices": CHOICES}
    about |= {
        "query": {name: fields.get(name, "") for name in LEDGER},
        "sources": (*SOURCES, "all"),
    }
    return _page("admin.html", 200, message, most=MOST_SUSPECTS, **about, **summary)


def ledger_query(fields: dict[str, str]) -> LedgerQuery:
    """The votes that the form asks for; what is empty asks for nothing."""
    asked = {
        name.removeprefix("of_"): fields.get(name, "").strip() or None
        for name in LEDGER
        if name != "of_counted"
    }
    source = asked.pop("source") or "own"
    counted = {"yes": True, "no": False}.get(fields.get("of_counted", ""))
    return LedgerQuery(**asked, counted=counted, source=None if source == "all" else source)


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
    if what in ("retire", "restore"):
        found = review.retire(fields.get("contender", ""), what == "retire")
        if found is None:
            return "There is no such contender: nothing was changed.", False
        done = "is retired: it is drawn for no more battles" if what == "retire" else "is back"
        return f"{found.name} {done}. Its votes are as they were.", True
    if what == "rename":
        name = fields.get("name", "").strip()
        if problem := review.rename(fields.get("contender", ""), name):
            return f"Nothing was changed: {problem}.", False
        return f"It is called {name} now.", True
    if what == "find":
        return "", False
    return "Nothing was asked for, so nothing was changed.", False
