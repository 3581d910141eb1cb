"""A panel: its drafts, the judge's pick, what it costs, and what becomes of it where one fails."""

import asyncio
import random
from collections import Counter
from contextlib import aclosing
from dataclasses import replace

import pytest

from blend.conversation import Conversation, Draw, Usage
from blend.judging.answer import BEGINNING
from blend.members import Sampling, SamplingError, TooLong, candidates
from blend.members.growth import BROKE_OFF, NO_REPLY
from blend.members.scripted import Scripted
from blend.message import Message
from blend.panel import Panel

pytestmark = pytest.mark.anyio
ASKED = Conversation(system="Be kind.").ask("Hi")


def panel(judge="A", writes=False, oak="Oak here.", elm="Elm is here.", seed=0, **how):
    members = [Scripted("oak", [oak]), Scripted("elm", [elm])]
    judge = judge if isinstance(judge, Scripted) else Scripted("judge", [judge])
    return Panel("Council", members, judge, writes, random.Random(seed), **how)


async def turns(of, conversation=ASKED, **sampling):
    async with aclosing(of.reply(conversation, **sampling)) as growing:
        return [turn async for turn in growing]


async def last(of, conversation=ASKED, **sampling):
    return (await turns(of, conversation, **sampling))[-1]


def best(member):
    """A judge that finds its favourite wherever it stands."""
    return Scripted("judge", lambda messages: "AB"[f"Reply B: {member}" in messages[-2].text])


async def test_the_draft_that_the_judge_picks_is_the_reply_and_costs_as_much_as_all():
    turn = await last(panel(best("Elm")))

    assert (turn.reply, turn.finished, turn.draw) == ("Elm is here.", True, Draw("elm", None, {}))
    assert {d.member: (d.text, d.picked) for d in turn.selection.drafts} == {
        "oak": ("Oak here.", False),
        "elm": ("Elm is here.", True),
    }
    assert (turn.selection.judge, turn.selection.how) == ("judge", "judged")
    # Messages read; then words of elm and of oak, and a letter that goes on with a beginning.
    assert turn.usage == Usage(2 + 2 + 3, 0, 2 + 3 + 1, 0, "stop")
    assert turn.ttft_s and turn.seconds


async def test_nothing_is_shown_before_the_judge_has_spoken():
    grown = await turns(panel("B"))
    assert [turn.reply for turn in grown[:-1]] == [""] * (len(grown) - 1)
    assert all(turn.draw is None for turn in grown[:-1])


async def test_the_judge_reads_the_drafts_without_names_in_an_order_that_is_drawn_anew():
    judge = Scripted("judge", ["A"])
    council = panel(judge)
    picked = Counter([(await last(council)).draw.member for _ in range(200)])

    assert abs(picked["oak"] - 100) < 40  # 5.6 standard deviations
    *_, question, begun = judge.received[0]
    text = question.text
    assert begun == Message("assistant", BEGINNING)
    assert "oak" not in text.lower().replace("oak here.", "") and "Hi" in text
    assert judge.received[0][0].text == "Be kind."


async def test_an_answer_that_cannot_be_read_lets_one_be_drawn_all_alike(caplog):
    council = panel("Well, both.")
    found = [await last(council) for _ in range(200)]
    picked = Counter(turn.draw.member for turn in found)

    assert {turn.selection.how for turn in found} == {"random"}
    assert abs(picked["oak"] - 100) < 40
    assert "judge: its answer names no draft; one of 2 drafts is drawn" in caplog.text
    assert "both" not in caplog.text


async def test_a_judge_that_fails_lets_one_be_drawn():
    closed = Scripted("judge", ["A"])
    await closed.aclose()
    slow = Scripted("judge", ["A"], pace=5)
    for council in (panel(closed), panel(closed, True), panel(slow, patience=0.05)):
        turn = await last(council)
        assert turn.finished and turn.selection.how == "random" and turn.error is None


async def test_a_draft_that_fails_or_says_nothing_is_left_out_and_one_alone_is_the_reply():
    judge = Scripted("judge", ["A"])
    broken = Panel(
        "Council", [Scripted("oak", ["x y"], fails_at=1), Scripted("elm", ["Elm"])], judge
    )
    for council in (broken, panel(judge, oak=" "), panel(judge, True, oak="")):
        turn = await last(council)
        assert (turn.draw.member, turn.selection.how) == ("elm", "only")
        assert len(turn.selection.drafts) == 1
    assert not judge.received


async def test_equal_drafts_are_not_judged():
    judge = Scripted("judge", ["A"])
    turn = await last(panel(judge, oak="Yes.", elm="Yes."))
    assert turn.reply == "Yes." and turn.selection.how == "only" and not judge.received


async def test_where_all_fail_it_is_the_usual_failure():
    council = panel()
    for member in council.members.values():
        await member.aclose()
    turn = await last(council)
    assert (turn.error, turn.finished, turn.has_reply) == (NO_REPLY, False, False)
    assert (await last(panel(oak="", elm=""))).error == NO_REPLY
    narrow = [Scripted(name, ["x"], window=2) for name in ("oak", "elm")]
    turn = await last(Panel("C", narrow, Scripted("j")), Conversation().ask("far too long"))
    assert (turn.error, turn.refused) == (TooLong.sentence, True)


async def test_a_member_that_is_silent_for_too_long_is_left_out():
    members = [Scripted("oak", ["a b"], pace=5), Scripted("elm", ["Elm"])]
    turn = await last(Panel("C", members, Scripted("judge"), patience=0.1))
    assert turn.draw.member == "elm" and turn.seconds < 5


async def test_the_judge_may_write_the_reply_which_streams():
    judge = Scripted("judge", ["Both are right."])
    grown = await turns(panel(judge, True))
    turn = grown[-1]

    assert (turn.reply, turn.draw) == ("Both are right.", Draw("judge", None, {}))
    assert turn.selection.how == "written" and not any(d.picked for d in turn.selection.drafts)
    assert next(t.reply for t in grown if t.reply) == "Both"
    assert turn.usage == Usage(2 + 2 + 2, 0, 2 + 3 + 3, 0, "stop")
    assert "Oak here." in judge.received[0][-1].text


async def test_a_written_reply_that_breaks_off_stays_and_says_so():
    turn = await last(panel(Scripted("judge", ["One two three"], fails_at=2), True))
    assert (turn.reply, turn.error, turn.finished) == ("One two", BROKE_OFF, False)


async def test_a_reply_is_begun_for_drafts_and_never_for_a_judge_that_writes():
    begun = replace(ASKED, beginning="Elm")
    judge = best("Elm")
    turn = await last(panel(judge), begun)
    assert turn.reply == " is here." and "Elm is here." in judge.received[0][-2].text
    refused = await last(panel(judge, True), begun)
    assert refused.refused and "cannot be continued" in refused.error


async def test_what_is_asked_of_a_reply_goes_to_drafts_and_to_what_the_judge_writes():
    assert (await last(panel(best("Elm")), max_tokens=1)).reply == "Elm"
    assert (await last(panel("One two.", True), max_tokens=1)).reply == "One"


async def test_a_setting_that_a_writer_cannot_honour_is_refused_before_anything_is_asked():
    judge = Scripted("judge")
    judge.honours = frozenset()
    panel(judge).check({"temperature": 0.5})
    with pytest.raises(SamplingError, match="temperature"):
        panel(judge, True).check({"temperature": 0.5})


async def test_a_judge_that_picks_is_as_steady_as_it_can_be():
    class Noted(Scripted):
        def stream(self, messages, sampling, scope=""):
            self.asked = sampling
            return super().stream(messages, sampling, scope)

    own = Sampling(temperature=0.9, top_k=9, max_tokens=5, stop=("A",))
    judge = Noted("judge", ["A"], sampling=own)
    await last(panel(judge), max_tokens=300)
    assert judge.asked == Sampling(temperature=0.0, max_tokens=5)


async def test_leaving_ends_all_drafts(monkeypatch):
    monkeypatch.setattr(candidates, "HEARTBEAT", 0.02)
    before = len(asyncio.all_tasks())
    slow = [Scripted(name, ["word " * 500], pace=0.01) for name in ("oak", "elm")]
    async with aclosing(Panel("C", slow, Scripted("j")).reply(ASKED)) as growing:
        seen = [await anext(growing) for _ in range(2)]
    assert seen[1].usage.completion_tokens > 0  # a sign of life
    assert len(asyncio.all_tasks()) == before


async def test_nothing_is_drawn_ahead():
    council = panel()
    assert council.ahead(ASKED) is ASKED
