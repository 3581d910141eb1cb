"""A stream that breaks off tells the page to come back, and nothing of Python."""

import asyncio
import json

import pytest
from starlette.exceptions import HTTPException

from arena.pages.broken_streams import LOST, BrokenStreams

REPLY = b'data: {"msg":"process_generating","output":{"data":["unexpected_error"]}}\n\n'
BROKEN = b'data: {"msg":"unexpected_error","message":"Cancelled via cancel scope 7f by <Task>"}\n\n'


def sent(path: str, *bodies: bytes, kind: str = "http") -> list[dict]:
    """What comes through of an answer in these pieces."""
    messages = [{"type": "http.response.body", "body": body, "more_body": True} for body in bodies]
    out: list[dict] = []

    async def app(scope, receive, send):
        for message in messages:
            await send(message)

    async def keep(message):
        out.append(message)

    asyncio.run(BrokenStreams(app)({"type": kind, "path": path}, None, keep))
    return out


@pytest.mark.parametrize("prefix", ["", "/arena"])
def test_what_breaks_off_is_told_as_a_session_that_is_gone(prefix):
    reply, end = sent(f"{prefix}/gradio_api/queue/data", REPLY, BROKEN)
    assert reply["body"] == REPLY and end["more_body"]
    assert json.loads(end["body"].removeprefix(b"data: ")) == LOST
    assert LOST["session_not_found"] and b"Task" not in end["body"]


def test_other_answers_are_as_they_were():
    assert sent("/v1/chat/completions", BROKEN)[0]["body"] == BROKEN
    assert sent("", BROKEN, kind="lifespan")[0]["body"] == BROKEN


@pytest.mark.parametrize("path", ["/gradio_api/queue/data", "/gradio_api/call/ask/e1"])
def test_a_stream_of_nobody_ends_and_is_no_fault(path):
    out: list[dict] = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("response already started") from HTTPException(404)

    async def keep(message):
        out.append(message)

    asyncio.run(BrokenStreams(app)({"type": "http", "path": path}, None, keep))
    assert out[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
