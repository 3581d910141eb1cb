"""Answers that nobody fetches are let go of, as where a tab is closed; those that are, stay."""

import asyncio
import json

import pytest

from arena.web.unread import ONE_STREAM, UnreadAnswers

pytestmark = pytest.mark.anyio

JOIN = "/gradio_api/queue/join"


class Queue:
    """Stands for Gradio: what is asked is held until its stream is left."""

    def __init__(self):
        self.held: dict[str, int] = {}
        self.left: list[str] = []

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["method"] == "POST":
            body = (await receive())["body"]
            event = f"e{len(self.held)}"
            session = json.loads(body).get("session_hash") or event
            self.held[session] = len(body)
            answer = json.dumps({"event_id": event}).encode()
            return await send({"type": "http.response.body", "body": answer})
        session = scope["query_string"].decode().partition("=")[2]
        try:
            await send({"type": "http.response.body", "body": b"data", "more_body": True})
            await asyncio.Event().wait()
        finally:
            self.left.append(session)
            self.held.pop(session, None)


async def ask(app, method: str, path: str, query: str = "", body: bytes = b"") -> None:
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        pass

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    await app(scope | {"query_string": query.encode()}, receive, send)


async def post(app, session: str | None, size: int = 100, path: str = JOIN) -> None:
    body = json.dumps({"session_hash": session, "data": ["x" * size]}).encode()
    await ask(app, "POST", path, body=body)


async def settled() -> None:
    await asyncio.sleep(0.5)


async def test_the_oldest_go_where_too_much_waits():
    queue = Queue()
    app = UnreadAnswers(queue, most=1000)
    for n in range(20):
        await post(app, f"s{n}")
    await settled()
    assert queue.left == [f"s{n}" for n in range(len(queue.left))]
    assert 800 <= sum(queue.held.values()) <= 1000 and "s19" in queue.held


async def test_what_waits_too_long_goes_at_the_next_question_and_calls_too():
    queue = Queue()
    app = UnreadAnswers(queue, patience=0.0)
    await post(app, "late")
    await post(app, None, path="/gradio_api/call/ask")
    await settled()
    assert queue.left == ["late", "e1"]


async def test_what_is_fetched_is_left_alone_and_what_is_asked_meanwhile_is_answered_there():
    queue = Queue()
    app = UnreadAnswers(queue, patience=0.05, most=1000)
    await post(app, "mine")
    stream = ask(app, "GET", "/gradio_api/queue/data", "session_hash=mine")
    reading = asyncio.create_task(stream)
    for session in ("mine", "other", "mine", *(f"s{n}" for n in range(20))):
        await asyncio.sleep(0.06)
        await post(app, session)
    await settled()
    assert "other" in queue.left and "mine" not in queue.left
    await post(app, "mine", ONE_STREAM)
    await settled()
    reading.cancel()
    assert "mine" in queue.left
