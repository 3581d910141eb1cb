"""ZeroGPU: one call a turn, nothing but plain values across, and the replies that it would give."""

import asyncio
from contextlib import aclosing, closing
from dataclasses import replace

import pytest
import rosters
import zerogpu_roster
from fake_zerogpu import Fork
from replies import reply

from arena.battle import battle
from arena.db.store import Store
from arena.site.site import Site
from blend.conversation import Conversation
from blend.members import MemberError, Sampling, gpu_call
from blend.members.gpu_call import BatchedCall, GpuLease
from blend.members.growth import NO_REPLY
from blend.members.zerogpu import ZeroGpu
from blend.message import Message
from blend.roster import loading

pytestmark = pytest.mark.anyio
ASKED = [Message("user", "Hello there, how are you?")]
GREEDY = Sampling(temperature=0.0, max_tokens=12)


@pytest.fixture(scope="module")
def roster(folders, tmp_path_factory):
    oak = zerogpu_roster.member("oak", folders["llama"], tokens=12)
    elm = zerogpu_roster.member("elm", folders["mistral"], tokens=30)
    return rosters.roster(tmp_path_factory.mktemp("two"), oak + elm + zerogpu_roster.BLEND)


@pytest.fixture
def fork():
    return Fork()


@pytest.fixture
def site(roster, fork, tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as store:
        site = Site(roster, store, lent=GpuLease(fork, device="cpu"))
        site.contenders.load()
        yield site


def member(site: Site, name: str) -> ZeroGpu:
    return site.contenders.blend(name).members[name]


async def fought(site: Site, *texts: str) -> battle.BattleView:
    view = await battle.open_battle(site, "v")
    for text in texts:
        async for grown in battle.send_message(site, view, text):
            view = grown
    return view


async def ended(fork: Fork) -> None:
    """Wait for the call's thread to see its fork off."""
    async with asyncio.timeout(30):
        while fork.alive:
            await asyncio.sleep(0.02)


async def test_members_of_any_engine_are_run_by_generate_and_keep_their_ids(site, roster, fork):
    assert site.contenders.device == "ZeroGPU" and {s.engine for s in roster.members} == {
        "transformers"
    }
    assert isinstance(member(site, "oak"), ZeroGpu) and fork.calls == []
    for spec, elsewhere in loading.load_all(roster.members):
        assert elsewhere.digest == member(site, spec.name).digest
        await elsewhere.aclose()


async def test_a_chats_reply_is_one_call_and_what_the_member_would_say(site, fork):
    first, again = [await reply(member(site, "oak"), ASKED) for _ in range(2)]
    here = list(site.lent.cores["oak"].pieces(ASKED, GREEDY))
    assert "".join(first) == "".join(again) == "".join(here) != ""
    assert first[-1].usage == again[-1].usage == here[-1].usage  # no cache outlived the call
    assert len(first) > 3 and len(fork.calls) == 2 and fork.seconds[0] == gpu_call.START_SECONDS + 1
    await ended(fork)


async def test_both_sides_of_a_battle_are_one_call_a_turn_that_takes_turns(site, fork):
    view = await fought(site, "One", "Two")

    assert (view.status, view.turns, len(fork.calls)) == ("ready", 2, 2)
    turns = [c.turns[-1] for c in view.conversations.values()]
    assert all(turn.finished and turn.usage.completion_tokens for turn in turns)
    (asked,) = fork.calls[0]
    said = [side for side, *_ in site.lent._write(asked)]
    assert said[:4] == ["left", "right", "left", "right"]
    tokens = sum(sampling["max_tokens"] for _, _, sampling in asked.values())
    assert fork.seconds[0] == gpu_call.START_SECONDS + -(-tokens // gpu_call.TOKENS_PER_SECOND)


def test_what_would_not_cross_breaks_here(fork):
    call = fork(duration=lambda asked: 1)(lambda asked: iter([Message("user", "no plain value")]))
    with pytest.raises(TypeError, match=r"blend\.message\.Message crosses"):
        list(call({}))
    with pytest.raises(TypeError, match="crosses"):
        list(call({"left": Sampling()}))


async def test_leaving_ends_the_call(site, fork):
    endless = Sampling(temperature=0.0, max_tokens=900)
    async with aclosing(member(site, "oak").stream(ASKED, endless)) as pieces:
        await anext(pieces)
    await ended(fork)
    assert len(fork.calls) == 1


async def test_a_battle_that_is_left_ends_its_call_and_is_void(site, fork):
    # Replies too long to be over when the first words are shown, on however quick a machine.
    long = [replace(m, sampling=replace(m.sampling, max_tokens=900)) for m in site.roster.members]
    site.contenders.roster = replace(site.roster, members=tuple(long))

    opened = await battle.open_battle(site, "v")
    async with aclosing(battle.send_message(site, opened, "Hello")) as views:
        async for view in views:
            if any(c.turns[-1].reply for c in view.conversations.values()):
                break
    await ended(fork)
    async with asyncio.timeout(30):
        while site.store.battles.state(view.battle).status != "void":
            await asyncio.sleep(0.02)


WELL = ("oak", [("user", "Hello")], {"max_tokens": 12, "temperature": 0.0})


async def all_of(stream) -> list:
    async with aclosing(stream) as pieces:
        return [piece async for piece in pieces]


async def test_one_side_that_fails_leaves_the_other_its_call(site):
    batched, ill = BatchedCall(site.lent, 2), ("elm", [("user", "x " * 5_000)], {"max_tokens": 12})
    sides = all_of(batched.stream("left", WELL)), all_of(batched.stream("right", ill))
    well, failure = await asyncio.gather(*sides, return_exceptions=True)
    assert well[-1].usage.finish and isinstance(failure, MemberError) and failure.member == "elm"


async def test_a_side_that_never_comes_is_not_waited_for(site, fork, monkeypatch):
    monkeypatch.setattr(gpu_call, "JOIN_SECONDS", 30.0)
    batched = BatchedCall(site.lent, 2)
    streaming = asyncio.create_task(all_of(batched.stream("left", WELL)))
    await asyncio.sleep(0.05)
    batched.leave()
    assert (await streaming)[-1].usage.finish and fork.calls[0][0].keys() == {"left"}


class Quota(Exception):
    """As gradio's Error, which spaces raises: its words are its message."""

    message = 'You have used your GPU time. <a href="https://x">Sign up</a> for more.'


@pytest.mark.parametrize(
    ("failure", "said", "calls"),
    [
        (Quota(), "No GPU could be had. You have used your GPU time. Sign up for more.", 1),
        (RuntimeError("token hf_secret was refused"), NO_REPLY, 2),
    ],
    ids=["quota", "fault"],
)
async def test_who_has_no_gpu_left_is_told_so_and_a_fault_names_no_secret(
    site, fork, failure, said, calls
):
    fork.refuses = failure
    blend = site.contenders.blend("Blended")
    turn = [turn async for turn in blend.reply(Conversation().ask("Hello"))][-1]
    assert turn.error == said and len(fork.calls) == calls and not turn.finished


async def test_a_wait_for_a_gpu_shows_life_and_has_an_end(monkeypatch):
    monkeypatch.setattr(gpu_call, "HEARTBEAT", 0.01)
    monkeypatch.setattr(gpu_call, "MAX_WAIT", 0.03)
    with pytest.raises(MemberError, match="oak: no GPU for"):
        await all_of(gpu_call._pieces("oak", asyncio.Queue()))
