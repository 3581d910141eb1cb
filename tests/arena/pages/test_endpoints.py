"""The public endpoints: by gradio_client, and the same ones as MCP tools where gradio[mcp] is."""

import asyncio
import importlib.util
import json

import pytest
from app_process import start
from gradio_client import Client
from gradio_client.exceptions import AppError

from arena.site.site import offers_tools
from blend.roster.settings import SettingError, Settings

THERE = importlib.util.find_spec("mcp") is not None
PUBLIC = {"leaderboard", "ask"}

with_mcp = pytest.mark.skipif(not THERE, reason='MCP tools need pip install "gradio[mcp]"')


def named(url: str) -> set[str]:
    client = Client(url, verbose=False)
    found = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    client.close()
    return {name.removeprefix("/") for name in found}


@pytest.fixture(scope="module")
def client(scripted_site):
    made = Client(scripted_site.url, verbose=False)
    yield made
    made.close()


def test_the_named_endpoints_are_exactly_the_public_ones(scripted_site):
    assert named(scripted_site.url) == PUBLIC


def test_a_contender_is_asked_and_nothing_is_stored(scripted_site, client):
    told = client.predict("Not to be stored", "alder", api_name="/ask")
    assert told["reply"] and told == {"reply": told["reply"], "member": "alder", "chance": 1}
    blended = client.predict("Hi", api_name="/ask")
    assert blended["chance"] == pytest.approx(1 / 3, abs=1e-5)
    assert b"Not to be stored" not in scripted_site.db.read_bytes()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (("",), "The message is empty"),
        (("y" * 9_000,), "send at most 8,000"),
        (("Hi", "oak"), "no contender 'oak' here; there are"),
        (("Hi", ["alder"]), r"no contender \['alder'\]"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(client, data, said):
    with pytest.raises(AppError, match=said):
        client.predict(*data, api_name="/ask")


def test_tools_that_cannot_be_had_are_an_error_only_where_they_were_asked_for():
    assert offers_tools(Settings()) == THERE
    assert not offers_tools(Settings().with_values({"mcp": False}, "flag"))
    asked = Settings().with_values({"mcp": True}, "flag")
    if THERE:
        assert offers_tools(asked)
    else:
        with pytest.raises(SettingError, match=r"pip install .gradio\[mcp\]"):
            offers_tools(asked)


async def session(url: str, use):
    """What `use` returns of an MCP session with the site."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as talk,
    ):
        await talk.initialize()
        return await use(talk)


@with_mcp
def test_the_tools_are_exactly_the_public_endpoints_and_answer(scripted_site):
    async def use(talk):
        told = (await talk.list_tools()).tools
        reply = await talk.call_tool("ask", {"message": "Hello", "contender": "birch"})
        board = await talk.call_tool("leaderboard", {})
        wrong = await talk.call_tool("ask", {"message": "Hello", "contender": "oak"})
        return told, reply, board, wrong

    told, reply, board, wrong = asyncio.run(session(scripted_site.url, use))
    assert {tool.name for tool in told} == PUBLIC
    assert all(tool.description and tool.inputSchema["type"] == "object" for tool in told)
    for answer in (reply, board):
        (text,) = answer.content
        assert not answer.isError and json.loads(text.text) == answer.structuredContent
    assert reply.structuredContent["member"] == "birch" and reply.structuredContent["reply"]
    assert {"contender", "rating"} <= board.structuredContent["contenders"][0].keys()
    assert wrong.isError and "no contender 'oak' here" in wrong.content[0].text


@with_mcp
def test_no_tool_repeats_what_has_no_end(scripted_site):
    long = "x" * 300_000

    async def use(talk):
        asks = [("ask", {"message": "Hi", "contender": long}), ("ask", {"message": [long]})]
        asks += [("ask", {"message": long}), ("leaderboard", {"by": long}), ("ask", {})]
        return [await talk.call_tool(name, arguments) for name, arguments in asks]

    for answer in asyncio.run(session(scripted_site.url, use)):
        assert answer.isError and 0 < len(answer.content[0].text) < 600


@with_mcp
def test_tools_can_be_switched_off_and_a_site_with_a_key_offers_no_ask(tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDED_ARENA_API_KEY", "open sesame")
    running = start(tmp_path / "a.db", "--roster", "scripted", "--no-mcp", "--api=key")
    with pytest.raises(BaseExceptionGroup):
        asyncio.run(session(running.url, lambda talk: talk.list_tools()))
    assert named(running.url) == {"leaderboard"} and running.stop() == 0
