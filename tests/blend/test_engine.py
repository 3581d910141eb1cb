"""A blend: what its members are told, and what happens when they fail."""

import asyncio

import pytest
from counted import Counted
from uniform_blend import blend, talk

from blend.conversation import Conversation, Draw, Turn
from blend.engine import check_length
from blend.members import Sampling, TooLong
from blend.members.growth import BROKE_OFF, NO_REPLY, USED_UP
from blend.members.scripted import Scripted
from blend.message import Message, MessageTooLong


def test_the_drawn_member_sees_the_whole_shared_history():
    a, b = Scripted("a", ["from {name}"]), Scripted("b", ["from {name}"])
    made, conversation = blend(a, b, seed=3), Conversation()
    for n in range(8):
        asked = conversation.ask(f"message {n}")
        conversation = asked.answered(talk(made, asked)[-1])

    longest = max(a.received + b.received, key=len)
    assert longest == conversation.messages()[:-1]
    assert {m.text for m in longest if m.role == "assistant"} == {"from a", "from b"}
    assert Message("user", "message 7") == longest[-1]


def test_a_reply_grows_from_its_draw_to_its_end():
    turns = talk(blend(Scripted("a", ["one two"])))

    assert [turn.reply for turn in turns] == ["", "one", "one two", "one two"]
    assert turns[0].draw.chances == {"a": 1.0}
    assert turns[-1].finished and turns[-1].usage.finish == "stop"
    assert turns[-1].ttft_s <= turns[-1].seconds


def test_a_failure_before_the_first_word_is_drawn_anew_once():
    made = blend(Scripted("bad", fails_at=0), Scripted("good", ["fine"]), seed=0)
    finals = [talk(made)[-1] for _ in range(20)]

    assert {final.reply for final in finals} == {"fine"}
    assert {final.draw.chance for final in finals} == {0.5, 1.0}


def test_a_failure_after_words_keeps_them_and_says_so():
    last = talk(blend(Scripted("a", ["one two three"], fails_at=2)))[-1]

    assert (last.reply, last.finished, last.error) == ("one two", False, BROKE_OFF)


@pytest.mark.parametrize("member", [Scripted("a", fails_at=0), Scripted("a", [" "])])
def test_a_mute_member_is_an_error_that_names_nobody(member):
    last = talk(blend(member))[-1]
    assert (last.reply.strip(), last.error) == ("", NO_REPLY)


def test_a_silent_member_is_given_up():
    last = talk(blend(Scripted("a", pace=60), patience=0.05))[-1]
    assert last.error == NO_REPLY


def test_closing_the_reply_ends_the_member():
    member = Counted(Scripted("a", ["word " * 50], pace=0.01))

    async def run():
        replying = blend(member).reply(Conversation().ask("Hi"))
        async for turn in replying:
            if turn.has_reply:
                break
        await replying.aclose()

    asyncio.run(run())
    assert member.running == 0


def test_an_empty_reply_is_no_failure_where_it_may_be():
    members = [Scripted("a", [" "]), Scripted("b", [" "])]
    turn = talk(blend(*members), may_be_empty=True)[-1]
    assert turn.finished and turn.error is None and turn.reply.strip() == ""
    assert sum(len(member.received) for member in members) == 1  # nobody was drawn anew


def test_a_message_too_long_for_one_member_is_refused_before_anybody_is_drawn():
    narrow, wide = Scripted("a", window=20), Scripted("b", window=2_000)
    members = [narrow, wide, Scripted("c")]

    check_length(members, Conversation().ask("word " * 10))
    with pytest.raises(MessageTooLong, match="has about 11 tokens; the models here read at most 1"):
        check_length(members, Conversation().ask("word " * 11))
    check_length(members, Conversation().ask("word " * 19), max_tokens=1)
    check_length(members, Conversation(turns=(Turn("word " * 99, "x", finished=True), Turn("Hi"))))
    with pytest.raises(MessageTooLong, match="beside the system message"):
        check_length(members, Conversation(system="one two three").ask("word " * 8))
    assert not narrow.received and not wide.received


def test_what_a_member_finds_too_long_all_the_same_is_the_askers_to_mend():
    turn = talk(blend(Scripted("a", window=8)), Conversation().ask("word " * 9))[-1]
    assert (turn.error, turn.refused) == (TooLong.sentence, True)


def test_the_members_are_told_the_scope_and_the_beginning():
    member = Scripted("a", ["one two"])
    asked = Conversation(system="s", turns=(Turn(""),), beginning="one")
    assert talk(blend(member), asked, scope="api")[-1].reply == " two"
    assert [*member.scopes] == ["api"]
    assert [*member.received] == [(Message("system", "s"), Message("assistant", "one"))]


THINKER = "<think>I am birch. What was it?</think> Hello."


def test_a_thought_is_neither_in_the_reply_nor_heard_by_anybody_else():
    thinker, other = Scripted("a", [THINKER]), Scripted("b")
    asked = Conversation().ask("Hi")
    turns = talk(blend(thinker), asked)
    talk(blend(other), asked.answered(turns[-1]).ask("And?"))

    assert (turns[-1].thought, turns[-1].reply) == ("I am birch. What was it?", "Hello.")
    assert all((turn.ttft_s is None) == (not turn.reply) for turn in turns) and len(turns) > 7
    assert [*other.received] == [
        (Message("user", "Hi"), Message("assistant", "Hello."), Message("user", "And?"))
    ]


def test_a_member_that_thinks_is_not_silent():
    turns = talk(blend(Scripted("a", [THINKER], pace=0.05), patience=0.2))
    assert turns[-1].finished and turns[-1].seconds > 0.3


@pytest.mark.parametrize("others", [0, 1])
def test_a_reply_that_ends_in_a_thought_is_drawn_anew_or_said_to_have_had_no_room(others, caplog):
    short = Sampling(max_tokens=3)
    members = [Scripted("a", [THINKER], sampling=short), *[Scripted("b")] * others]
    asked = Conversation(drawn=Draw("a", 1.0, {"a": 1.0})).ask("Hi")
    turn = talk(blend(*members), asked)[-1]

    assert "give it more max_tokens, or thinking = false" in caplog.text
    assert (turn.error, turn.reply) == ((None, "I am b.") if others else (USED_UP, ""))
    assert turn.thought == ("" if others else "I am birch.")
