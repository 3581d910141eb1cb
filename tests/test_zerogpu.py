"""ZeroGPU: one call a turn, nothing but plain values across, and the replies that it would give."""

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import aclosing, closing
from dataclasses import replace

import pytest
from fork import Fork

from arena import battle, zerogpu
from arena.site import Site
from arena.store import Store
from arena.zerogpu import Lent, Party, ZeroGpu
from blend import contender
from blend.conversation import Conversation, Message
from blend.engine import NO_REPLY
from blend.members import MemberError, Sampling
from blend.roster import read
from tests.conftest import ROOT

MEMBER = """
[[member]]
name = "{name}"
path = "{path}"
{options}
[member.sampling]
temperature = 0.0
max_tokens = {tokens}
"""
BLEND = '[[blend]]\nname = "Blended"\nmembers = ["{}", "{}"]\n'
ASKED = [Message("user", "Hello there, how are you?")]
GREEDY = Sampling(temperature=0.0, max_tokens=12)


@pytest.fixture(scope="module")
def roster(folders, tmp_path_factory):
    """Two members that name no engine, as most do."""
    kinds = {"oak": ("llama", 12), "elm": ("mistral", 30)}
    text = "".join(
        MEMBER.format(name=name, path=folders[kind], options="", tokens=tokens)
        for name, (kind, tokens) in kinds.items()
    )
    path = tmp_path_factory.mktemp("roster") / "two.toml"
    path.write_text(text + BLEND.format(*kinds))
    return read(path)


@pytest.fixture
def fork():
    return Fork()


@pytest.fixture
def site(roster, fork, tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as store:
        site = Site(roster, store, lent=Lent(fork, device="cpu"))
        site.load()
        yield site


def member(site: Site, name: str) -> ZeroGpu:
    return site.blend(name).members[name]


async def streamed(member, messages=ASKED, sampling=GREEDY) -> list:
    async with aclosing(member.stream(messages, sampling)) as pieces:
        return [piece async for piece in pieces]


def fought(site: Site, text: str = "Hello there") -> list[battle.Stage]:
    async def run():
        opened = await battle.open_battle(site, "v")
        return [stage async for stage in battle.fight(site, opened, text)]

    return asyncio.run(run())


def test_members_of_any_engine_are_run_by_generate_and_keep_their_ids(site, roster, fork):
    assert site.device == "ZeroGPU" and {s.engine for s in roster.members} == {"transformers"}
    assert isinstance(member(site, "oak"), ZeroGpu) and fork.calls == []
    paged = dict((s.name, m) for s, m in contender.load_all(roster.members))
    assert {n: m.digest for n, m in paged.items()} == {
        n: member(site, n).digest for n in ("oak", "elm")
    }
    asyncio.run(_close(*paged.values()))


async def _close(*members):
    for each in members:
        await each.aclose()


def test_a_chats_reply_is_one_call_and_what_the_member_would_say(site, fork):
    first, again = (asyncio.run(streamed(member(site, "oak"))) for _ in range(2))
    here = list(site.lent.cores["oak"].pieces(ASKED, GREEDY))

    assert "".join(first) == "".join(again) == "".join(here) != ""
    assert first[-1].usage == again[-1].usage == here[-1].usage  # no cache outlived the call
    assert len(first) > 3 and len(fork.calls) == 2
    until = time.monotonic() + 30  # the call's thread sees its fork off
    while fork.alive and time.monotonic() < until:
        time.sleep(0.01)
    assert fork.alive == 0


def test_both_sides_of_a_battle_are_one_call_that_takes_turns(site, fork):
    stages = fought(site)
    assert stages[-1].status == "ready" and len(fork.calls) == 1
    ((asked,),) = fork.calls
    assert asked.keys() == {"left", "right"}

    said = [side for side, *_ in site.lent._write(asked)]
    assert said[:4] == ["left", "right", "left", "right"]
    turns = {side: c.turns[-1] for side, c in stages[-1].conversations.items()}
    assert all(turn.finished and turn.usage.completion_tokens for turn in turns.values())


def test_a_second_turn_is_a_second_call(site, fork):
    async def run():
        stage = await battle.open_battle(site, "v")
        for text in ("One", "Two"):
            async for grown in battle.fight(site, stage, text):
                stage = grown
        return stage

    stage = asyncio.run(run())
    assert (stage.status, stage.turns, len(fork.calls)) == ("ready", 2, 2)


def test_seconds_are_asked_for_by_the_tokens_that_may_come(site, fork):
    asyncio.run(streamed(member(site, "oak"), sampling=Sampling(temperature=0, max_tokens=12)))
    fought(site)
    alone, (one, other) = (
        fork.seconds[0],
        [s["max_tokens"] for _, _, s in fork.calls[1][0].values()],
    )
    assert alone == zerogpu.START + 1
    assert fork.seconds[1] == zerogpu.START + -(-(one + other) // zerogpu.PACE)


def test_what_would_not_cross_breaks_here(fork):
    call = fork(duration=lambda asked: 1)(lambda asked: iter([Message("user", "no plain value")]))
    with pytest.raises(TypeError, match=r"blend\.conversation\.Message crosses"):
        list(call({}))
    with pytest.raises(TypeError, match="crosses"):
        list(call({"left": Sampling()}))


def test_leaving_ends_the_call(site, fork):
    async def run():
        endless = Sampling(temperature=0.0, max_tokens=900)
        async with aclosing(member(site, "oak").stream(ASKED, endless)) as pieces:
            async for _ in pieces:
                break
        for _ in range(400):
            if not fork.alive:
                return
            await asyncio.sleep(0.05)

    asyncio.run(run())
    assert fork.alive == 0 and len(fork.calls) == 1


def test_a_battle_that_is_left_ends_its_call_and_is_void(site, fork):
    # Replies too long to be over when the first words are shown, on however quick a machine.
    long = [replace(m, sampling=replace(m.sampling, max_tokens=900)) for m in site.roster.members]
    site.roster = replace(site.roster, members=tuple(long))

    async def run():
        opened = await battle.open_battle(site, "v")
        async with aclosing(battle.fight(site, opened, "Hello")) as stages:
            async for stage in stages:
                if any(c.turns[-1].reply for c in stage.conversations.values()):
                    break
        while fork.alive:
            await asyncio.sleep(0.05)
        return stage.battle

    assert site.store.battle(asyncio.run(run())).status == "void"


def test_one_side_that_fails_leaves_the_other_its_call(site):
    lent = site.lent
    long = [*ASKED * 3, Message("user", "x " * 5_000)]

    async def run():
        party = Party(lent, 2)
        well = ("oak", [("user", "Hello")], {"max_tokens": 12, "temperature": 0.0})
        ill = ("elm", [(m.role, m.text) for m in long], {"max_tokens": 12})
        return await asyncio.gather(
            _all(party.stream("left", well)), _all(party.stream("right", ill)), return_exceptions=1
        )

    well, ill = asyncio.run(run())
    assert well[-1].usage.finish and isinstance(ill, MemberError) and ill.member == "elm"


async def _all(stream) -> list:
    async with aclosing(stream) as pieces:
        return [piece async for piece in pieces]


def test_a_side_that_never_comes_is_not_waited_for(site, fork, monkeypatch):
    monkeypatch.setattr(zerogpu, "TOGETHER", 30.0)
    asked = ("oak", [("user", "Hello")], {"max_tokens": 12, "temperature": 0.0})

    async def run():
        party = Party(site.lent, 2)
        streaming = asyncio.create_task(_all(party.stream("left", asked)))
        await asyncio.sleep(0.05)
        party.leave()
        return await streaming

    assert asyncio.run(run())[-1].usage.finish and fork.calls[0][0].keys() == {"left"}


class Quota(Exception):
    """As gradio's Error, which spaces raises: its words are its message."""

    message = 'You have used your GPU time. <a href="https://x">Sign up</a> for more.'


def reply(site: Site, name: str):
    async def run():
        conversation = Conversation().ask("Hello")
        return [turn async for turn in site.blend(name).reply(conversation)][-1]

    return asyncio.run(run())


def test_who_has_no_gpu_left_is_told_and_asked_for_once(site, fork):
    fork.refuses = Quota()
    turn = reply(site, "Blended")
    assert turn.error == "No GPU could be had. You have used your GPU time. Sign up for more."
    assert len(fork.calls) == 1 and not turn.finished


def test_a_fault_of_the_lender_names_no_secret(site, fork):
    fork.refuses = RuntimeError("token hf_secret was refused")
    assert reply(site, "Blended").error == NO_REPLY and len(fork.calls) == 2


def test_a_wait_for_a_gpu_shows_life_and_has_an_end(site, monkeypatch):
    monkeypatch.setattr(zerogpu, "SIGN_OF_LIFE", 0.01)
    monkeypatch.setattr(zerogpu, "LONGEST", 0.03)

    async def run():
        return [piece async for piece in zerogpu._pieces("oak", asyncio.Queue())]

    with pytest.raises(MemberError, match="oak: no GPU for"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ('quantise = "4bit"', "oak: quantise cannot be had on ZeroGPU: remove it"),
        ('device_map = "auto"\nengine = "generate"', "oak: device_map cannot be had on ZeroGPU"),
    ],
)
def test_what_cannot_be_had_there_is_refused_at_load(folders, tmp_path, options, said):
    path = tmp_path / "r.toml"
    one = MEMBER.format(name="oak", path=folders["llama"], options=options, tokens=8)
    two = MEMBER.format(name="elm", path=folders["llama"], options="", tokens=8)
    path.write_text(one + two + BLEND.format("oak", "elm"))
    with pytest.raises(MemberError, match=said):
        list(zerogpu.load_all(read(path).members, Lent(Fork(), "cpu")))


def test_a_member_that_says_cpu_needs_no_call(folders, tmp_path, fork):
    path = tmp_path / "r.toml"
    one = MEMBER.format(name="oak", path=folders["llama"], options='device = "cpu"', tokens=8)
    two = MEMBER.format(name="elm", path=folders["llama"], options="", tokens=8)
    path.write_text(one + two + BLEND.format("oak", "elm"))
    loaded = {s.name: m for s, m in zerogpu.load_all(read(path).members, Lent(fork, "cpu"))}
    assert [type(m).__name__ for m in loaded.values()] == ["Generate", "ZeroGpu"]
    asyncio.run(_close(*loaded.values()))


REAL = """
import asyncio, json, sys
import spaces
from arena.zerogpu import Lent, ZeroGpu
from blend.conversation import Message
from blend.members import Sampling
from blend.members.generate import Generate

greedy = Sampling(temperature=0.0, max_tokens=12)
core = Generate.load("oak", sys.argv[1], greedy, device="cpu", threads=1)
member = ZeroGpu(core, Lent(spaces.GPU, "cpu"))

async def run():
    return [str(p) async for p in member.stream([Message("user", "Hello")], greedy)]

said = asyncio.run(run())
here = [str(p) for p in core.pieces([Message("user", "Hello")], greedy)]
print(json.dumps(["".join(said), "".join(here)]))
"""


def test_with_the_real_package_which_does_nothing_elsewhere(folders):
    pytest.importorskip("spaces")
    command = [sys.executable, "-c", REAL, str(folders["llama"])]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SPACE")}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
    )
    said, here = json.loads(done.stdout.splitlines()[-1])
    assert said == here != ""


@pytest.mark.parametrize(("value", "is_so"), [("true", True), ("1", True), ("", False)])
def test_a_space_on_zerogpu_is_known_by_its_variable(value, is_so):
    assert zerogpu.here({"SPACES_ZERO_GPU": value}) is is_so
    assert not zerogpu.here({"SPACE_ID": "a/b"})
