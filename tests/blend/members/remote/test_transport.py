"""What a remote member's HTTP client does not do: follow a redirect, read without an end."""

import asyncio
import gzip
import logging

import pytest
from fake_openai import replies, serving
from remote_member import broken, served
from waiting import soon_here

from blend.members import MemberDown, MemberError
from blend.members.remote import transport

pytestmark = pytest.mark.anyio
KEY = "sk-not-for-others"


def redirects(to, status="307 Temporary Redirect"):
    return lambda exchange: exchange.json({}, status, Location=to)


@pytest.mark.parametrize("status", ["301 Moved", "303 See Other", "308 Moved"])
async def test_a_redirect_is_not_followed_and_says_what_to_write(monkeypatch, caplog, status):
    monkeypatch.setenv("FAR_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    async with serving(replies) as other:
        away = redirects(f"{other.url}/chat/completions?api_key=secret", status)
        async with served(away, api_key_env="FAR_KEY") as (_, member):
            error = str((await broken(member, MemberDown, "which is not followed"))[1])
    assert other.asked == [] and error.endswith(f"correct its base_url; it names {other.url}")
    assert "secret" not in error and KEY not in caplog.text and "\n" not in error


@pytest.mark.parametrize(
    "to", ["", "/elsewhere", "//[", "http://me:word@other/v1", "http://\u0131.example/", "x" * 5000]
)
async def test_whatever_a_redirect_names_it_is_one_line(to):
    async with served(redirects(to), retries=0) as (_, member):
        error = str((await broken(member))[1])
    assert len(error) < 400 and "\n" not in error and "word" not in error


async def test_a_redirect_of_the_list_of_models_keeps_the_member_down():
    moved = redirects("https://far.example/v1/models", "308 Permanent Redirect")
    async with served(replies, look=moved) as (_, member):
        assert member.down.endswith("correct its base_url; it names https://far.example/v1")


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
async def test_an_answer_without_an_end_is_left(monkeypatch, answer):
    monkeypatch.setattr(transport, "MOST_BYTES", 1_000_000)
    async with served(answer, retries=0) as (server, member):
        _, error = await broken(member, MemberError, "answer")
        await soon_here(lambda: server.live == 0)
        assert len(str(error)) < 400


async def test_a_server_that_never_ends_its_list_of_models_is_away():
    async def drips(exchange):
        await exchange.head(kind="application/json")
        while True:
            await exchange.raw(" ")
            await asyncio.sleep(0.05)

    async with served(replies, look=drips, timeouts={"connect": 0.2}) as (_, member):
        assert member.down == "no answer for 0.4 s"
