"""The key that a remote member shows: to its server alone, and only one that is a key."""

import logging
import traceback

import pytest
from remote_member import PLAIN, broken, refuses, served
from waiting import soon_here

from blend.members import MemberDown, MemberError
from blend.members.remote.address import Address
from blend.members.remote.member import Remote

pytestmark = pytest.mark.anyio
KEY = "sk-secret-123"


async def test_the_key_is_shown_to_the_server_and_to_nobody_else(monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("FAR_KEY", f" {KEY}\n")

    async def echoes(exchange):
        word = {"error": {"message": f"bad: {exchange.headers['authorization']}"}}
        status = ("401 Unauthorized", "500 Oops")[len(exchange.server.asked) % 2]
        await exchange.json(word, status)

    async with served(echoes, api_key_env="FAR_KEY", retries=0) as (server, member):
        _, first = await broken(member)
        await soon_here(lambda: member.down is None)
        _, second = await broken(member, MemberDown, r"refuses the key .* FAR_KEY")

    assert server.headers[0]["authorization"] == f"Bearer {KEY}" and "***" in str(first)
    told = "".join("".join(traceback.format_exception(error)) for error in (first, second))
    assert "sk-secret" not in told + caplog.text + repr(vars(member)) and caplog.records


async def test_no_half_of_the_key_is_left_where_a_servers_words_are_cut(monkeypatch):
    monkeypatch.setenv("FAR_KEY", KEY)
    wordy = refuses(lambda body: True, f"{'x' * 290} {KEY} {'y' * 9_000}", "500 Oops")
    async with served(wordy, api_key_env="FAR_KEY", retries=0) as (_, member):
        error = str((await broken(member))[1])
    assert "***" in error and "sk-" not in error and len(error) < 400


@pytest.mark.parametrize(
    ("key", "mend"),
    [
        (None, "set the environment variable FAR_KEY"),
        ("  ", "set the environment variable FAR_KEY"),
        ("sk-\nsecret", "FAR_KEY holds signs that no key has"),
        ("sk-s\u0435cret", "FAR_KEY holds signs that no key has"),
    ],
)
def test_a_key_that_is_none_is_an_error_at_load(monkeypatch, key, mend):
    monkeypatch.delenv("FAR_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("FAR_KEY", key)
    address = Address(("http://127.0.0.1:9/v1",), api_key_env="FAR_KEY")
    with pytest.raises(MemberError, match=f"far: {mend}") as failure:
        Remote.load("far", "m", PLAIN, address)
    assert "secret" not in str(failure.value)
