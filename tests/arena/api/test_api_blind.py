"""What /v1 tells of a conversation is the same whether members have read it for the page or not."""

import asyncio
from contextlib import closing

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from arena.api.openai_routes import Api
from arena.battle import battle
from arena.db.store import Store
from arena.site.site import Site
from blend.roster import read

MEMBER = """
[[member]]
name = "{name}"
engine = "{engine}"
path = "{path}"
device = "cpu"
threads = 1
[member.sampling]
temperature = 0.0
max_tokens = 8
"""
TEXT = "My dog likes to run in the park, and so do I when the weather is good."


@pytest.fixture(params=["generate", "paged"])
def site(request, folders, tmp_path):
    members = [
        MEMBER.format(name=name, engine=request.param, path=folders["llama"])
        for name in ("oak", "elm")
    ]
    blend = '[[blend]]\nname = "Blended"\nmembers = ["oak", "elm"]\n'
    (tmp_path / "r.toml").write_text("".join([*members, blend]))
    with closing(Store.open(tmp_path / "a.db")) as store:
        site = Site(read(tmp_path / "r.toml"), store)
        site.contenders.load()
        yield site
        asyncio.run(site.aclose())


def cached(site: Site) -> list[int]:
    """What the members found in their caches, by their own figures, of all that was measured.

    Paged members have none: tests/blend/members/local/test_paged.py sees what their managers find.
    """
    return [usage.cached_tokens for usage in site.seen]


def watched(site: Site) -> None:
    """Note the figures of each reply to a program."""
    site.seen, stream = [], site.replies.stream_to_program

    async def seen(*given, **more):
        turn = None
        async for turn in stream(*given, **more):
            yield turn
        site.seen.append(turn.usage)

    site.replies.stream_to_program = seen


def test_neither_figures_nor_caches_tell_who_writes_a_battle(site) -> None:
    watched(site)
    app = Starlette(routes=Api(site).routes())

    async def asked(turns) -> list[dict]:
        """The usage of each single model, for what a side of the battle has said so far."""
        history = [
            {"role": role, "content": text}
            for turn in turns
            for role, text in (("user", turn.prompt), ("assistant", turn.reply))
        ]
        body = {"messages": [*history, {"role": "user", "content": "And you?"}]}
        transport = ASGITransport(app, client=("203.0.113.7", 1))
        async with AsyncClient(transport=transport, base_url="http://t") as client:
            answers = [
                await client.post("/v1/chat/completions", json=body | {"model": name})
                for name in ("oak", "elm")
            ]
        return [answer.json()["usage"] for answer in answers]

    async def run() -> list[list[dict]]:
        view = await battle.open_battle(site, "v")
        found = []
        for n in range(2):
            view = [s async for s in battle.send_message(site, view, f"{TEXT} {n}")][-1]
            for side in ("left", "right"):
                found.append(await asked(view.conversations[side].turns))
        return found

    for oak, elm in asyncio.run(run()):
        assert oak["prompt_tokens"] == elm["prompt_tokens"] > 40
        assert oak.keys() == {"prompt_tokens", "completion_tokens", "total_tokens"}
    assert cached(site) == [0] * 8
