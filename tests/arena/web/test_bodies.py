"""Bodies at the boundary: whole or not at all, and no more is read than may be."""

import asyncio

import pytest
from tiny_site import LIMIT, boundary, tiny

from arena.web.bodies import API_BYTES, DROPPED, BodyLimits


@pytest.mark.parametrize("chunks", [1, 7])
@pytest.mark.parametrize("size", [0, 1, LIMIT, LIMIT + 1, 9 * LIMIT])
def test_a_body_comes_whole_or_not_at_all(size, chunks):
    step = max(1, -(-size // chunks))
    sent = (b"x" * min(step, size - at) for at in range(0, size, step))
    whole = boundary().post("/", content=b"x" * size)
    streamed = boundary().post("/", content=sent)  # without a content-length
    for answer in (whole, streamed):
        if size <= LIMIT:
            assert answer.status_code == 200 and answer.json()["bytes"] == size
        else:
            assert answer.status_code == 413 and answer.headers["connection"] == "close"
            said = f"This is too long: send at most {LIMIT:,} bytes."
            assert answer.json()["detail"] == answer.json()["error"]["message"] == said


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/gradio_api/mcp/"])
def test_a_body_too_long_for_programs_is_told_the_limit_that_holds(path):
    client = boundary()
    assert client.post(path, content=b"x" * API_BYTES).json()["bytes"] == API_BYTES
    answer = client.post(path, content=b"x" * (API_BYTES + 1))
    assert answer.status_code == 413 and "at most 1,000,000 bytes" in answer.text


def bodies(receive, headers=()) -> list[dict]:
    """What is sent to a client whose body comes from `receive`."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [*headers]}
    asyncio.run(BodyLimits(tiny, LIMIT)(scope, receive, send))
    return sent


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "٣", "9" * 400])
def test_a_length_that_is_none_is_refused(length):
    async def receive():
        return {"type": "http.disconnect"}

    # Servers refuse most of these before; a limit must not lean on it.
    assert bodies(receive, [(b"content-length", length.encode())])[0]["status"] == 413


def test_what_is_beyond_the_limit_is_dropped_and_of_that_only_so_much():
    read = []

    async def receive():
        read.append(1)
        return {"type": "http.request", "body": b"x" * 400_000, "more_body": True}

    assert bodies(receive)[0]["status"] == 413 and len(read) == 1 + DROPPED // 400_000
