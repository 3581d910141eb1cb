"""The tools for MCP in process: whose calls they are, and what frees their places."""

import asyncio
from contextlib import closing
from dataclasses import replace

import pytest
from asgi_site import leave
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from arena.db.store import Store
from arena.site.site import Site
from blend.roster import read

pytest.importorskip("mcp")

PATH = "/gradio_api/mcp/"
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@pytest.fixture
def site(tmp_path):
    roster = read("scripted")
    members = tuple(
        replace(m, options={"pace": 0.05, "lines": ["word " * 400]}) for m in roster.members
    )
    settings = replace(roster.settings, address_messages_per_minute=3)
    with closing(Store.open(tmp_path / "a.db")) as store:
        site = Site(replace(roster, members=members, settings=settings), store)
        site.contenders.load()
        yield site


def app(site: Site) -> Starlette:
    from arena.api.mcp_tools import McpTools

    return Starlette(routes=[McpTools(site).mount()])


def call(name: str, **arguments: object) -> dict:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def test_a_call_counts_for_the_address_that_it_comes_from_whatever_comes_of_it(site) -> None:
    async def run(host: str) -> list[str]:
        transport = ASGITransport(app(site), client=(host, 1))
        async with AsyncClient(transport=transport, base_url="http://t", headers=HEADERS) as client:
            asks = [await client.post(PATH, json=call("ask", message=" ")) for _ in range(4)]
            results = [answer.json()["result"] for answer in asks]
            assert all(result["isError"] for result in results)
            return [result["content"][0]["text"] for result in results]

    for host in ("203.0.113.7", "203.0.113.8"):
        *refused, last = asyncio.run(run(host))
        assert all("is empty" in text for text in refused)
        assert "3 messages within a minute" in last


def test_a_client_that_leaves_frees_its_place(site) -> None:
    asking = leave(app(site), PATH, call("ask", message="Hi"), site.limiter, 1, **HEADERS)
    assert asyncio.run(asking) < 15  # it takes 20 s
