"""Draws of a blend: even and without memory, and made ahead where no message is read."""

import asyncio
import random
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from uniform_blend import HELLO, blend, talk

from blend.conversation import Conversation, Turn
from blend.engine import Blend
from blend.members.growth import NO_REPLY
from blend.members.scripted import Scripted
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned
from blend.policies.policy import NoRepeat
from blend.policies.registry import POLICIES, make_policy


async def last(turns):
    return [turn async for turn in turns][-1]


async def answered(made: Blend) -> Conversation:
    """A conversation of one turn, with the next draw made ahead."""
    return made.ahead(HELLO.answered(await last(made.reply(HELLO))))


@pytest.mark.parametrize("n", [2, 3, 5])
def test_draws_are_uniform_and_without_memory(n):
    made = blend(*(Scripted(f"m{i}") for i in range(n)), seed=n)
    drawn = [int(made.draw(Conversation()).member[1:]) for _ in range(3_000)]

    counts = [drawn.count(i) for i in range(n)]
    assert stats.chisquare(counts).pvalue > 0.001
    pairs = [[0] * n for _ in range(n)]
    for before, after in pairwise(drawn):
        pairs[before][after] += 1
    assert stats.chi2_contingency(pairs).pvalue > 0.001


def test_the_realised_replies_are_uniform_too():
    made = blend(Scripted("a"), Scripted("b"), seed=1)

    async def run():
        conversation, who = Conversation(), []
        for _ in range(400):
            asked = Conversation(drawn=conversation.drawn).ask("Hi")
            turn = await last(made.reply(asked))
            who.append(turn.draw.member)
            conversation = made.ahead(asked.answered(turn))
        return who

    who = asyncio.run(run())
    assert stats.binomtest(who.count("a"), 400).pvalue > 0.001
    changes = sum(x != y for x, y in pairwise(who))
    assert stats.binomtest(changes, 399).pvalue > 0.001


def test_a_seeded_blend_repeats_its_draws():
    def drawn():
        made = blend(Scripted("a"), Scripted("b"), Scripted("c"), seed=7)
        return [made.draw(Conversation()).member for _ in range(50)]

    assert drawn() == drawn()


def test_members_that_are_down_are_left_out():
    a, b = Scripted("a"), Scripted("b")
    made = blend(a, b)
    asyncio.run(a.aclose())

    assert {made.draw(Conversation()).chance for _ in range(10)} == {1.0}
    asyncio.run(b.aclose())
    assert talk(made)[-1].error == NO_REPLY


def test_a_draw_made_ahead_is_the_one_that_answers():
    made = blend(Scripted("a"), Scripted("b"), seed=5)

    async def run():
        ahead = await answered(made)
        return ahead.drawn, (await last(made.reply(ahead.ask("More")))).draw

    drawn, used = asyncio.run(run())
    assert drawn == used and used.ahead


class Warmed(Scripted):
    """Counts the histories that it was let read ahead."""

    warmed = 0

    async def warm(self, messages):
        self.warmed += 1


def looked_ahead(policy) -> tuple[bool, int]:
    """Whether a draw was made ahead after a reply, and how many members read ahead."""
    members = [Warmed("a"), Warmed("b")]
    made = Blend("Blended", members, policy)

    async def run():
        ahead = await answered(made)
        await asyncio.sleep(0)
        used = await last(made.reply(ahead.ask("More")))
        assert used.draw.ahead == (ahead.drawn is not None)
        return ahead.drawn is not None

    return asyncio.run(run()), sum(member.warmed for member in members)


@pytest.mark.parametrize("name", sorted(set(POLICIES) - {"learned"}))
def test_whoever_does_not_read_the_message_draws_ahead(name):
    options = {"sequence": ["a", "b"]} if name == "sequence" else {}
    assert looked_ahead(make_policy(name, options, ["a", "b"])) == (True, 1)


def test_whoever_reads_the_message_waits_for_it():
    traits = HistoryFeatures(HashedNgrams(4), ("a", "b"))
    weights = np.random.default_rng(1).normal(size=(traits.size, 2))
    assert looked_ahead(Learned(traits, weights, np.zeros(2), 2.0)) == (False, 0)


def test_realised_draws_without_repeat_keep_the_floor():
    members = [Scripted("a"), Scripted("b"), Scripted("c")]
    made, conversation = Blend("B", members, NoRepeat(epsilon=0.05), random.Random(4)), []
    for _ in range(2_000):
        draw = made.draw(Conversation(turns=tuple(conversation[-1:])))
        conversation.append(Turn("Hi", "Hello", draw, True))
    who = [turn.draw.member for turn in conversation]
    repeats = sum(x == y for x, y in pairwise(who))
    assert stats.binomtest(repeats, len(who) - 1, 0.05).pvalue > 0.001


def test_a_draw_made_ahead_is_dropped_when_its_member_went_down():
    a, b = Scripted("a"), Scripted("b")
    made = blend(a, b)

    async def run():
        ahead = await answered(made)
        await made.members[ahead.drawn.member].aclose()
        return ahead.drawn.member, (await last(made.reply(ahead.ask("More")))).draw

    gone, used = asyncio.run(run())
    assert used.member != gone and not used.ahead and used.chance == 1.0
