"""The host's page, /host?key=…: votes that do not count and why, who stands out, whom to bar.

For who has the key; to everybody else there is no such page. It is plain HTML with forms: nothing
of it is part of the visitors' page, and it works from the keyboard and without scripts.
"""

import asyncio
import hmac
import os
import time
from contextlib import closing
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from arena.assignment import HOST_KEY
from arena.docket import Docket
from arena.integrity import Limits, explained
from arena.retrial import Retrial, retrial

SHOWN = 200
"""Votes and visitors that are listed at most; the newest, and the surest."""

LONGEST = 4096
"""Bytes of a form that are read."""

QUIET = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "none"}

CHOICES = {"left": "A", "right": "B", "tie": "tie", "both_bad": "both bad"}


class Seen(NamedTuple):
    """What the page shows, as of one moment."""

    found: Retrial
    dropped: list[tuple[float, str, str, str, str]]
    barred: list[str]
    seconds: float


def is_host(key: str) -> bool:
    """Whether this is the host's key; compared in constant time, and never without one set."""
    right = os.environ.get(HOST_KEY, "").encode()
    return bool(right) and hmac.compare_digest(key.encode(errors="replace"), right)


def routes(path: str, limits: Limits) -> list[Route]:
    """The page over the database at `path`, whose votes are judged by `limits`."""

    async def show(request: Request) -> Response:
        key = request.query_params.get("key", "")
        if not is_host(key):
            return Response("Not Found", 404, media_type="text/plain")
        said = request.query_params.get("said", "")
        seen = await asyncio.to_thread(look, path, limits)
        return HTMLResponse(page(seen, key, said), headers=QUIET)

    async def act(request: Request) -> Response:
        form = parse_qs((await request.body())[:LONGEST].decode(errors="replace"))
        asked = {name: values[0] for name, values in form.items()}
        if not is_host(asked.get("key", "")):
            return Response("Not Found", 404, media_type="text/plain")
        said = await asyncio.to_thread(do, path, limits, asked)
        seen = await asyncio.to_thread(look, path, limits)
        return HTMLResponse(page(seen, asked["key"], said), headers=QUIET)

    return [Route("/host", show, methods=["GET"]), Route("/host", act, methods=["POST"])]


def look(path: str, limits: Limits) -> Seen:
    """All own votes judged anew, on paper. Blocks: a second or so for every 100,000 votes."""
    start = time.monotonic()
    with closing(Docket.look(path)) as docket:
        found = retrial(docket.case("own"), limits)
        return Seen(found, docket.dropped(SHOWN), docket.barred(), time.monotonic() - start)


def do(path: str, limits: Limits, asked: dict[str, str]) -> str:
    """Bar a visitor, lift that, or store the review; what was done, as a sentence."""
    what, visitor = asked.get("do", ""), asked.get("visitor", "").strip()
    with closing(Docket.open(path)) as docket:
        if what in ("bar", "lift"):
            if not docket.bar(visitor, what == "bar"):
                return f"There is no visitor {visitor!r}: nothing was changed."
            done = "is barred: votes from now on" if what == "bar" else "is free: votes from now on"
            return f"{visitor} {done} {'do not count' if what == 'bar' else 'count again'}."
        if what == "apply":
            found = retrial(docket.case("own"), limits)
            n = sum(docket.apply(found.case, found.review, found.changed))
            return f"The review was stored: {n:,} votes were judged anew, none was deleted."
    return "Nothing was asked for, so nothing was changed."


def page(seen: Seen, key: str, said: str = "") -> str:
    """The whole page."""
    found, counted = seen.found, int(seen.found.case.counted.sum())
    notice = f'<p class="notice" role="status">{escape(said)}</p>' if said else ""
    changes = int(found.changed.sum())
    store = _form(key, "apply", "", f"Store the review ({changes:,} votes)") if changes else ""
    form = _hidden(key)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Host · Blended Arena</title>
<style>{STYLE}</style></head><body><main><h1>The host's page</h1>{notice}
<p>{counted:,} of {len(found.case.counted):,} own votes counted. Whoever has this address can do
what you can here.</p>
<h2>Review</h2><p>Under the rules of today (version {escape(found.review.rules)}) and with the bars
below, {int(found.out.sum()):,} votes would stop counting and {int(found.back.sum()):,} would count
again. Nothing is deleted.</p>{store}
<h2>Bar a visitor</h2><form method="post" action="host">{form}
<label for="visitor">Visitor's id</label> <input id="visitor" name="visitor" required>
<button name="do" value="bar">Bar</button> <button name="do" value="lift">Lift the bar</button>
</form><p>Later votes of a barred visitor do not count; earlier ones when the review is stored.</p>
{_barred(seen.barred, key)}
<h2>Visitors who stand out</h2>{_suspects(found, seen.barred, key)}
<h2>Votes that do not count</h2>{_dropped(seen.dropped)}
</main></body></html>"""


def _suspects(found: Retrial, barred: list[str], key: str) -> str:
    rows = found.suspects()
    if not rows:
        return "<p>Nobody.</p>"
    cells = [
        (
            *(f"<code>{escape(id)}</code>", f"{votes:,}", f"{side:.2g}", f"{odd:.2g}"),
            "barred" if id in barred else _form(key, "bar", id, "Bar"),
        )
        for id, votes, side, odd in rows[:SHOWN]
    ]
    heads = ("Visitor", "Votes", "One side: p", "Surprising: p", "")
    why = (
        "<p>One side: exact binomial test of left among decided votes; under 0.001 it takes the "
        "votes out when the review is stored. Surprising: Chatbot Arena's test, combined by "
        "Fisher; it takes no vote away.</p>"
    )
    return why + _table("Visitors who stand out", heads, cells)


def _barred(ids: list[str], key: str) -> str:
    cells = [(f"<code>{escape(id)}</code>", _form(key, "lift", id, "Lift the bar")) for id in ids]
    return _table("Barred", ("Visitor", ""), cells) if ids else "<p>Nobody is barred.</p>"


def _dropped(rows: list[tuple[float, str, str, str, str]]) -> str:
    if not rows:
        return "<p>None.</p>"
    cells = [
        (
            datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%d %H:%M UTC"),
            f"<code>{escape(visitor)}</code>",
            CHOICES.get(choice, choice),
            escape(explained(reason)),
            escape(rules),
        )
        for created, visitor, choice, reason, rules in rows
    ]
    heads = ("When", "Visitor", "Vote", "Why it does not count", "Rules")
    return _table(f"The newest {len(cells):,}", heads, cells)


def _table(caption: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{name or "Action"}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        "</table></div>"
    )


def _form(key: str, what: str, visitor: str, label: str) -> str:
    whom = f'<input type="hidden" name="visitor" value="{escape(visitor)}">' if visitor else ""
    name = f' aria-label="{escape(f"{label}: {visitor}")}"' if visitor else ""
    return (
        f'<form method="post" action="host">{_hidden(key)}{whom}'
        f'<button name="do" value="{what}"{name}>{label}</button></form>'
    )


def _hidden(key: str) -> str:
    return f'<input type="hidden" name="key" value="{escape(key)}">'


STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 ui-sans-serif, system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.notice { border-left: 4px solid; padding: .5rem 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #8888; }
code { font-size: .85em; } form { display: inline; }
button, input { font: inherit; padding: .3rem .7rem; max-width: 100%; box-sizing: border-box; }
:focus-visible { outline: 3px solid #2563eb; outline-offset: 2px; }
"""
