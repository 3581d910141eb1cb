"""A reply whose sentences are drawn one by one, each going on with what others began."""

import asyncio
import random
from collections import Counter

import pytest
from scipy import stats
from uniform_blend import HELLO, talk

from blend.conversation import Conversation
from blend.engine import Blend
from blend.members import NoContinuation
from blend.members.growth import BROKE_OFF, NO_REPLY
from blend.members.scripted import Scripted
from blend.policies.per_sentence import PerSentence
from blend.policies.policy import Uniform
from blend.roster import RosterError, read
from blend.roster.contender import assemble


def numbered(name: str, most: int = 4, **options) -> Scripted:
    """A member that adds the next of `most` sentences to whatever was begun."""

    def line(messages):
        last = messages[-1]
        begun = last.text if last.role == "assistant" else ""
        count = begun.count(".")
        text = [f"{name} wrote {'abcdefgh'[n]}s." for n in range(count, most)]
        return " " * bool(begun and text) + " ".join(text)

    return Scripted(name, line, **options)


def by_sentence(*members, seed=None, **options) -> Blend:
    return Blend("Blended", members, PerSentence(), random.Random(seed), **options)


def test_each_sentence_goes_on_with_the_reply_so_far():
    a, b = numbered("A"), numbered("B")
    turn = talk(by_sentence(a, b, seed=2))[-1]

    assert turn.finished and turn.reply.count(".") == 4
    assert [text.strip() for _, text in turn.parts if text] == [
        f"{writer} wrote {letter}s." for writer, letter in zip(turn.writers, "abcd", strict=True)
    ]
    assert set(turn.writers) == {"A", "B"}
    begun = [m[-1] for m in a.received + b.received if m[-1].role == "assistant"]
    starts = {turn.reply[: each.start] for each in turn.sentences if each.start}
    assert {message.text for message in begun} == starts


def test_frequencies_are_uniform_sentence_by_sentence_and_chances_exact():
    made = by_sentence(*(numbered(name, 3) for name in "ABC"), seed=5)
    turns = [talk(made)[-1] for _ in range(300)]

    drawn = [tuple(draw.member for draw in turn.draws) for turn in turns]
    for place in range(3):
        counts = Counter(members[place] for members in drawn)
        assert stats.chisquare([counts[name] for name in "ABC"]).pvalue > 0.001
    pairs = Counter((members[0], members[1]) for members in drawn)
    assert stats.chisquare([pairs[a, b] for a in "ABC" for b in "ABC"]).pvalue > 0.001
    assert {draw.chance for turn in turns for draw in turn.draws} == {1 / 3}
    assert all(dict(d.chances) == dict.fromkeys("ABC", 1 / 3) for t in turns for d in t.draws)


def test_one_member_alone_writes_what_it_writes_without_the_policy():
    texts = {"a": ["One. Two, e.g. 3.5. Three!\n\n- four\n- five. six\n\n```\nx.\n```\nEnd"]}
    alone = Blend("one", [Scripted("a", texts["a"])], Uniform())
    assert talk(by_sentence(Scripted("a", texts["a"])))[-1].reply == talk(alone)[-1].reply


def test_the_limit_of_tokens_is_that_of_the_whole_reply():
    long = [" ".join("One two." for _ in range(50))]
    turn = talk(by_sentence(Scripted("a", long), Scripted("b", long)), max_tokens=11)[-1]

    assert turn.finished and turn.usage.finish == "length"
    assert turn.usage.completion_tokens == 11
    assert 2 * len(turn.sentences) - 2 <= len(turn.reply.split()) < 11  # seams count as words here


def test_no_piece_tells_where_a_sentence_was_handed_over():
    turns = talk(by_sentence(numbered("A"), numbered("B")))
    lengths = [len(turn.reply) for turn in turns]

    assert lengths == sorted(lengths)
    words = [turn.reply for turn in turns if turn.reply]
    single = talk(Blend("one", [numbered("A")], Uniform()))
    assert len(dict.fromkeys(words)) == len({turn.reply for turn in single if turn.reply})
    assert not any(
        turn.usage.finish for turn in turns if not turn.finished and turn.reply != words[-1]
    )


def test_a_member_that_fails_before_its_sentence_is_drawn_anew_once():
    a, bad = numbered("A"), Scripted("bad", fails_at=0)
    for seed in range(6):
        turn = talk(by_sentence(a, bad, seed=seed))[-1]
        assert turn.finished and turn.writers == ("A",) * 4
        assert {draw.chance for draw in turn.draws[1:]} <= {0.5, 1.0}


def test_a_failure_inside_a_sentence_keeps_what_was_said():
    turn = talk(by_sentence(numbered("A", fails_at=1)))[-1]
    assert (turn.reply, turn.error) == ("A", BROKE_OFF)


def test_a_member_that_cannot_go_on_ends_the_reply_clearly(caplog):
    class Refusing(Scripted):
        async def stream(self, messages, sampling, scope=""):
            if messages[-1].role == "assistant":
                raise NoContinuation(self.name, "its server does not go on with a reply")
            yield "First. "
            yield "Second."

    turn = talk(by_sentence(Refusing("a"), Refusing("b")))[-1]
    assert (turn.reply, turn.error, turn.finished) == ("First.", BROKE_OFF, False)
    assert "needs members that can go on with a reply" in caplog.text


def test_members_that_say_nothing_and_members_that_are_down():
    assert talk(by_sentence(Scripted("a", [" "])))[-1].error == NO_REPLY
    a, b = numbered("A"), numbered("B")
    asyncio.run(b.aclose())
    turn = talk(by_sentence(a, b))[-1]
    assert turn.writers == ("A",) * 4 and {draw.chance for draw in turn.draws} == {1.0}


def test_a_draw_made_ahead_opens_the_reply_and_a_given_beginning_is_gone_on_with():
    made = by_sentence(numbered("A"), numbered("B"), seed=4)

    async def run():
        first = HELLO.answered([turn async for turn in made.reply(HELLO)][-1])
        ahead = made.ahead(first)
        return ahead.drawn, [turn async for turn in made.reply(ahead.ask("More"))][-1]

    drawn, turn = asyncio.run(run())
    assert turn.draw == drawn and drawn.ahead and not turn.draws[1].ahead
    begun = Conversation(beginning="A wrote as.").ask("Hi")
    turn = talk(made, begun)[-1]
    assert turn.reply.startswith(" ") and turn.reply.count(".") == 3


def test_a_thought_is_the_first_writers_and_no_later_one_thinks():
    def thinks(messages):
        return " Two." if messages[-1].role == "assistant" else "<think>hm</think>One. Half"

    turn = talk(by_sentence(Scripted("a", thinks)), max_tokens=50)[-1]
    assert (turn.thought, turn.sentences[0].start) == ("hm", 0)
    assert turn.reply == "One. Two."


def test_who_thought_until_the_length_was_used_up_leaves_all_of_it_to_the_next_draw():
    def thinks(messages):
        return "" if messages[-1].role == "assistant" else "<think>one two three four five six"

    made = by_sentence(Scripted("T", thinks), numbered("A", 2), seed=1)
    turns = [talk(made, max_tokens=7)[-1] for _ in range(8)]
    assert {(t.finished, t.thought, t.usage.finish, *{*t.writers}) for t in turns} == {
        (True, "", "stop", "A")
    }


ROSTER = """
[[member]]
name = "a"
lines = ["One. Two."]
[[member]]
name = "b"
lines = ["One. Two."]
{more}
[[blend]]
name = "Blended"
members = ["a", "b"]
policy = "per_sentence"
"""


def test_a_roster_names_the_member_that_writes_whole_replies_only(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(ROSTER.format(more=""))
    blend, *_ = read(path).blends
    made = assemble(blend, {name: Scripted(name) for name in "ab"})
    assert made.by_sentence and (blend.policy, blend.options) == ("per_sentence", {})

    path.write_text(ROSTER.format(more='best_of = { n = 2, reward = "some/model" }'))
    with pytest.raises(RosterError, match="'b' writes only whole replies"):
        read(path)
