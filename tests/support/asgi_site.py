"""A site on scripted members and its /v1, asked in process."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace

from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from waiting import soon_here

from arena.api.openai_routes import Api
from arena.db.store import Store
from arena.site.site import Site
from blend.roster import read

HI = [{"role": "user", "content": "Hi"}]
BODY = {"model": "Blended", "messages": HI}
PATH = "/v1/chat/completions"


class Served:
    """A site whose scripted members have these options, and its /v1 as ASGI."""

    def __init__(self, store: Store, key: str = "", limit: int = 128, **options: object):
        roster = read("scripted")
        options = {"pace": 0.0, "lines": ["one two three"]} | options
        members = tuple(replace(m, options=options) for m in roster.members)
        settings = replace(roster.settings, limit=limit)
        self.site = Site(replace(roster, members=members, settings=settings), store)
        self.site.contenders.load()
        self.members = self.site.contenders.loaded
        self.app = Starlette(routes=Api(self.site, key).routes())

    @asynccontextmanager
    async def client(self, host: str = "203.0.113.7", **headers: str):
        transport = ASGITransport(self.app, client=(host, 1))
        async with AsyncClient(transport=transport, base_url="http://t", headers=headers) as client:
            yield client

    def ask(self, method: str, path: str, body: object = None, **headers: str):
        async def run():
            async with self.client(**headers) as client:
                return await client.request(method, path, content=json.dumps(body).encode())

        return asyncio.run(run())

    def post(self, **body: object):
        return self.ask("POST", PATH, BODY | body)

    def received(self) -> list:
        """What all members were asked."""
        return [messages for member in self.members.values() for messages in member.received]


async def leave(app, path: str, body: dict, limiter, slots: int, **headers: str) -> float:
    """Post by raw ASGI, and leave while so many slots are held; seconds until none is any more."""
    left, sent = asyncio.Event(), [json.dumps(body).encode()]

    async def receive():
        if sent:
            return {"type": "http.request", "body": sent.pop(), "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    scope = {"type": "http", "method": "POST", "path": path, "raw_path": b"", "query_string": b""}
    scope |= {
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    }
    scope |= {"client": ("203.0.113.7", 1), "http_version": "1.1"}
    scope |= {"asgi": {"version": "3.0", "spec_version": "2.3"}}
    asking = asyncio.create_task(app(scope, receive, send))
    await soon_here(lambda: limiter.inside == slots)
    left.set()
    began = asyncio.get_running_loop().time()
    await asking
    assert limiter.inside == 0
    return asyncio.get_running_loop().time() - began


def said(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [choice["message"]["content"] for choice in answer.json()["choices"]]
