"""Best of n: the candidates, the choice, what it costs, how it ends when something goes wrong."""

import asyncio
from dataclasses import replace

import pytest
from best_of_n import WARM, Broken, Longest, Lost, Many, best
from counted import Counted
from paged_member import found_prefixes
from replies import ASKED, reply

from blend.conversation import Conversation, Usage
from blend.engine import Blend
from blend.members import MemberDown, MemberError, Sampling, SamplingError, candidates
from blend.members.local.paged import Paged
from blend.members.reply import stream_reply
from blend.message import Message
from blend.policies.policy import Uniform

pytestmark = pytest.mark.anyio
COLD = Sampling(temperature=0.0)


async def last_turn(member, **how):
    blend = Blend("b", [member], Uniform(), **how)
    return [turn async for turn in blend.reply(Conversation().ask("Hi"))][-1]


async def test_the_best_of_the_candidates_is_the_reply_and_costs_as_much_as_all_of_them():
    judge, member = Longest(), Many()
    (piece,) = await reply(best(member, judge=judge), sampling=replace(WARM, seed=5))
    assert piece == "one two three" and piece.usage == Usage(21, 15, 6, 2, "stop")
    assert judge.judged == [(tuple(ASKED), ("one two", "one two three", "one"))]
    assert sorted(asked.seed for asked in member.asked) == [5, 6, 7]


async def test_a_history_is_read_once_before_the_candidates_are_asked_for():
    member = Many()
    several, history = best(member), [*ASKED, Message("assistant", "Hello"), *ASKED]
    await reply(several, history)
    await several.warm(history)
    await reply(several, [*history, *ASKED])
    assert member.warmed == [tuple(history[:-1]), tuple(history)]


async def test_equal_candidates_are_judged_once_and_a_single_one_never():
    judge = Longest()
    assert await reply(best(Many(["same"]), judge=judge)) == ["same"]
    assert await reply(best(Many(), 1, judge), sampling=COLD) == ["one"]
    assert judge.judged == []


async def test_a_candidate_that_fails_is_left_out():
    assert await reply(best(Many(fails={1: 1}))) == ["one two"]


async def test_all_failing_is_the_members_error():
    with pytest.raises(MemberError, match=r"^many: it broke$"):
        await reply(best(Many(fails={0: 0, 1: 1, 2: 0})))
    assert "".join(await reply(best(Many([" "])))).strip() == ""
    closed = best(Many())
    await closed.aclose()
    with pytest.raises(MemberDown, match="closed"):
        await reply(closed)
    assert closed.down == "it was closed"


async def test_a_judge_that_fails_is_an_error_and_one_that_is_at_a_loss_is_not():
    with pytest.raises(MemberError, match="its reward model failed: RuntimeError: out of memory"):
        await reply(best(Many(), judge=Broken()))
    assert await reply(best(Many(), judge=Lost())) == ["one"]


async def test_leaving_cancels_every_candidate():
    member, others = Many(["word " * 500], pace=0.01), len(asyncio.all_tasks())

    task = asyncio.create_task(reply(best(member, 8)))
    while member.running < 8:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert task.cancelled() and (member.running, member.peak) == (0, 8)
    assert len(asyncio.all_tasks()) == others


@pytest.mark.parametrize("line", ["a " * 30, f"<think>{'Hm. ' * 30}</think>Hello"])
async def test_candidates_that_grow_are_no_silence_and_those_that_do_not_are(monkeypatch, line):
    monkeypatch.setattr(candidates, "HEARTBEAT", 0.05)
    growing, stuck = Many([line], pace=0.02), Many(["a b"], pace=30)
    fine, silent = [await last_turn(best(each), patience=0.4) for each in (growing, stuck)]
    assert fine.finished and fine.seconds > 0.5 and fine.reply
    assert not silent.finished and silent.error and stuck.running == 0


async def test_greedy_candidates_are_refused():
    with pytest.raises(SamplingError, match="needs candidates that differ"):
        await reply(best(Many()), sampling=COLD)


async def test_the_judge_reads_replies_without_thoughts_and_the_best_ones_thought_is_kept():
    judge = Longest()
    lines = ["<think>a long long long thought</think>Hi", "<think>b</think>Hello"]
    made = best(Many(lines), 2, judge)
    pieces = [piece async for piece in stream_reply(made, ASKED, WARM)]
    assert ("".join(pieces), "".join(p.thought for p in pieces)) == ("Hello", "b")
    assert set(judge.judged[0][1]) == {"Hi", "Hello"}


async def test_over_a_paged_member_the_candidates_share_the_prompts_pages(folders):
    turn = [Message("user", "My dog likes the park. " * 8), Message("assistant", "Hello. " * 8)]
    history = [*turn * 2, Message("user", "And?")]
    how = {"device": "cpu", "threads": 1}
    member = await asyncio.to_thread(Paged.load, "tiny", str(folders["llama"]), WARM, **how)
    judge, counted = Longest(), Counted(member)

    with found_prefixes() as found:
        said = (await reply(best(counted, 4, judge), history))[-1]
    await member.aclose()

    candidates = judge.judged[0][1]
    assert counted.peak == 4 and len(set(candidates)) > 1 and said == max(candidates, key=len)
    assert 0.7 * said.usage.prompt_tokens < sum(found) < said.usage.prompt_tokens
