"""Events of the page: what a request may ask of a listener, checked before Gradio reads it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.site.identity import is_visitor_id
from arena.site.limiter import SlidingWindow
from arena.web.answer import refusal_response
from arena.web.bodies import replay_body

SESSIONS = 300  # new ones of an address within a minute; each page that is loaded is one
REMEMBERED = 10_000  # sessions that do not count as new again
MOST_VALUES = 32  # of one event
LONGEST_VALUE = 200  # characters of a clicked item's index or value that are handed on
NO_EVENT = "There is no such event: reload the page."

ASKING = ("/run/predict", "/queue/join")
NAMING = {"/cancel": ("session_hash", "fn_index", "event_id"), "/reset": ("event_id",)}
"""Requests that name an event, and how."""

FIELDS = ("data", "fn_index", "session_hash", "event_id", "event_data", "trigger_id")
"""What a page's request has; the rest is not handed on."""

KINDS = {
    "textbox": (str, int, float, type(None)),
    "checkbox": (bool, type(None)),
    "dropdown": (str, type(None)),
    "radio": (str, type(None)),
}
"""The types that a component's value may have. A list or an object is never a choice."""


class Listener(NamedTuple):
    """What an event takes: the kind of each input, and whether it waits in the queue.

    name: by which programs may call it; empty for what is the page's alone.
    """

    kinds: tuple[str, ...]
    queued: bool
    name: str = ""


class BadEvent(ValueError):
    """A request that no page sends, in a sentence."""


def listeners(config: Mapping) -> dict[int, Listener]:
    """The events of the page by their number, from Gradio's description of it."""
    kinds = {component["id"]: component["type"] for component in config["components"]}
    return {
        event["id"]: Listener(
            tuple(kinds.get(id, "api") for id in event["inputs"]),
            event["queue"] is not False,
            event["api_name"] if event["api_visibility"] == "public" else "",
        )
        for event in config["dependencies"]
        if event["backend_fn"]
    }


class EventGuard:
    """Refuses what no page sends, and lets no id reach a listener that is not the visitor's.

    What a browser keeps, a `browserstate`, is the visitor's id and nothing else.

    account: a visitor's id by their session's login, None without one; blocks. key: an address as
    it is counted, None for one that is not. longest: characters of a message. Gradio keeps what it
    is sent with the session, so what is far longer, or is not looked at, does not come so far.
    """

    def __init__(
        self,
        app: ASGIApp,
        known: Mapping[int, Listener],
        account: Callable[[Mapping], str | None],
        key: Callable[[str], str | None],
        longest: int,
    ):
        self.app = app
        self._known = known
        self._names = {listener.name for listener in known.values()} - {""}
        self._account = account
        self._key = key
        self._longest = longest
        self._new = SlidingWindow(SESSIONS)
        self._seen: OrderedDict[str | None, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix("/gradio_api").rstrip("/")
        called = path.startswith("/call/")
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        if not called and path not in (*ASKING, *NAMING):
            return await self.app(scope, receive, send)
        try:
            body = parse_body(await Request(scope, receive).body())
            if path in ASKING:
                await self._check(scope, body, queued=path == "/queue/join")
            elif path in NAMING:
                body = _named_event(body, NAMING[path])
            elif path.removeprefix("/call/") not in self._names:
                raise BadEvent(NO_EVENT)  # Gradio lets programs call what it calls private, too
            else:
                body = {"data": self._short(body.get("data"))}
        except BadEvent as wrong:
            return await refusal_response(400, str(wrong))(scope, receive, send)
        if wait := self._wait(scope, body.get("session_hash"), called):
            message = f"Too many pages were opened from your network: wait {wait} s."
            return await refusal_response(429, message, {"retry-after": str(wait)})(
                scope, receive, send
            )
        await self.app(*_with_body(scope, orjson.dumps(body), receive), send)

    def _wait(self, scope: Scope, session: str | None, called: bool) -> int:
        """Seconds until the address may begin another session; each call by name is one."""
        new = called or (session is not None and session not in self._seen)
        if new and (wait := self._new.enter(self._key(scope["client"][0]))):
            return wait
        self._seen[session] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return 0

    async def _check(self, scope: Scope, body: dict, queued: bool) -> None:
        """Raise BadEvent, or leave a body that the listener can read."""
        number, data = body.get("fn_index"), body.get("data")
        listener = self._known.get(number) if type(number) is int else None
        if listener is None or (listener.queued and not queued):
            raise BadEvent(NO_EVENT)
        if not isinstance(data, list) or len(data) != len(listener.kinds):
            raise BadEvent(f"This event takes {len(listener.kinds)} values: reload the page.")
        for at, kind in enumerate(listener.kinds):
            if kind == "browserstate":
                data[at] = await self._visitor(scope, data[at])
            elif kind == "state":
                data[at] = None  # what a page holds is kept here, and never sent
            elif type(data[at]) not in KINDS.get(kind, (type(data[at]),)):
                raise BadEvent(f"Value {at + 1} is not valid for a {kind}: reload the page.")
        self._short(data)

    def _short(self, data: object) -> list:
        """The values, none of them far longer than a message. Raises BadEvent."""
        if not isinstance(data, list) or len(data) > MOST_VALUES:
            raise BadEvent("The values are not a list: reload the page.")
        for value in data:
            try:
                text = orjson.dumps(value).decode() if isinstance(value, list | dict) else value
            except TypeError:
                raise BadEvent("The values are nested too deeply: reload the page.") from None
            if isinstance(text, str) and len(text) > 2 * self._longest:
                most = f"send at most {self._longest:,} at a time"
                raise BadEvent(f"The message has {len(text):,} characters; {most}.")
        return data

    async def _visitor(self, scope: Scope, claimed: object) -> str | None:
        """Who asks: an account by its login, whatever id the page sends; else the browser's own."""
        session = scope.get("session")
        account = await asyncio.to_thread(self._account, session) if session else None
        return account or (claimed if is_visitor_id(claimed) else None)


def parse_body(raw: bytes) -> dict:
    """A body as JSON that can be sent back as well. Raises BadEvent."""
    try:
        body = orjson.loads(raw)
    except ValueError:
        raise BadEvent("The request is not JSON: reload the page.") from None
    if not isinstance(body, dict):
        raise BadEvent("The request is not a JSON object: reload the page.")
    for name in ("session_hash", "event_id"):
        value = body.get(name)
        short = isinstance(value, str) and len(value) <= 64 and value.isascii()
        if value is not None and not (short and value.isprintable()):
            raise BadEvent(f"{name} is not valid: reload the page.")
    if type(body.get("trigger_id")) not in (int, type(None)):
        raise BadEvent("trigger_id is not valid: reload the page.")
    body = {name: body[name] for name in FIELDS if name in body}
    click = body.get("event_data")
    body["event_data"] = _click_data({} if click is None else click)
    return body


def _named_event(body: dict, needed: tuple[str, ...]) -> dict:
    """The names of an event that is to end. Raises BadEvent where one is missing."""
    for name in needed:
        if type(body.get(name)) is not (int if name == "fn_index" else str):
            raise BadEvent(f"{name} is missing: reload the page.")
    return {name: body[name] for name in needed}


def _click_data(data: object) -> dict:
    """What a page tells of a click: which item, and little of its value. Raises BadEvent."""
    index = data.get("index") if isinstance(data, dict) else {}
    for one in index if isinstance(index, list) and len(index) < 3 else [index]:
        number = type(one) is int and one >= 0
        if not (one is None or number or (isinstance(one, str) and len(one) <= LONGEST_VALUE)):
            raise BadEvent("event_data is not valid: reload the page.")
    fields = ("index", "value", "liked", "selected")
    click = {"index": None, "value": None} | {name: data[name] for name in fields if name in data}
    if not isinstance(click["value"], str) or len(click["value"]) > LONGEST_VALUE:
        click["value"] = None
    for name in ("liked", "selected"):
        if not isinstance(click.get(name, True), bool | str) or len(str(click.get(name))) > 20:
            raise BadEvent(f"{name} is neither true nor false: reload the page.")
    return click


def _with_body(scope: Scope, body: bytes, receive: Receive) -> tuple[Scope, Receive]:
    """The same request with another body."""
    scope = dict(scope, headers=list(scope["headers"]))
    headers = MutableHeaders(scope=scope)
    headers["content-type"], headers["content-length"] = "application/json", str(len(body))
    return scope, replay_body(body, receive)
