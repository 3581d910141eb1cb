"""What a remote member's HTTP client does not do: follow a redirect, read without an end."""

import asyncio
import gzip
import logging

import pytest
from far import broken, opened, silent
from openai_server import replies, serving

from blend.members import MemberDown, MemberError
from blend.members.http import transport

KEY = "sk-not-for-others"


def redirects(to, status="307 Temporary Redirect"):
    async def answer(exchange):
        await exchange.json({}, status, Location=to)

    return answer


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Moved"]
)
def test_a_redirect_is_not_followed_and_says_what_to_write(monkeypatch, caplog, status):
    monkeypatch.setenv("FAR_KEY", KEY)
    caplog.set_level(logging.DEBUG)

    async def talk():
        async with serving(replies, silent) as (other, _):
            away = redirects(f"{other.url}/chat/completions?api_key=secret", status)
            async with serving(away) as server, opened(server, api_key_env="FAR_KEY") as member:
                _, error = await broken(member, MemberDown, "which is not followed")
                return str(error), other, len(other.asked)

    error, other, asked = asyncio.run(talk())
    assert asked == 0 and error.endswith(f"correct its base_url; it names {other.url}")
    assert "secret" not in error and KEY not in caplog.text and "\n" not in error


@pytest.mark.parametrize(
    "to", ["", "/elsewhere", "//[", "http://me:word@other/v1", "http://\u0131.example/", "x" * 5000]
)
def test_whatever_a_redirect_names_it_is_one_line(to):
    async def talk():
        async with serving(redirects(to)) as server, opened(server, retries=0) as member:
            _, error = await broken(member)
            return str(error)

    error = asyncio.run(talk())
    assert len(error) < 400 and "\n" not in error and "word" not in error


def test_a_redirect_of_the_list_of_models_keeps_the_member_down():
    async def moved(exchange):
        await exchange.json({}, "308 Permanent Redirect", Location="https://far.example/v1/models")

    async def talk():
        async with serving(replies) as server:
            server.look = moved
            async with opened(server) as member:
                return member.down

    assert asyncio.run(talk()).endswith("correct its base_url; it names https://far.example/v1")


async def endless(exchange):
    await exchange.head()
    while True:
        await exchange.raw("data: " + "x" * 100_000)


async def compressed(exchange):
    await exchange.head(Content_Encoding="gzip")
    data = gzip.compress(b"data: " + b"x" * 10_000_000)
    exchange.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def wordy(exchange):
    await exchange.head("500 Internal Server Error", "text/plain")
    while True:
        await exchange.raw("no " * 30_000)


@pytest.mark.parametrize("answer", [endless, compressed, wordy])
def test_an_answer_without_an_end_is_left(monkeypatch, answer):
    monkeypatch.setattr(transport, "MOST_BYTES", 1_000_000)

    async def talk():
        async with serving(answer) as server, opened(server, retries=0) as member:
            _, error = await broken(member, MemberError, "answer")
            assert server.live == 0 or await asyncio.sleep(0.5) is None
            return server.live, str(error)

    live, error = asyncio.run(talk())
    assert live == 0 and len(error) < 400


def test_a_server_that_never_ends_its_list_of_models_is_away():
    async def drips(exchange):
        await exchange.head(kind="application/json")
        while True:
            await exchange.raw(" ")
            await asyncio.sleep(0.05)

    async def talk():
        async with serving(replies) as server:
            server.look = drips
            async with opened(server, timeouts={"connect": 0.2}) as member:
                return member.down

    assert asyncio.run(talk()) == "no answer for 0.4 s"
