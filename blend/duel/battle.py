"""One battle of two contenders: who meets whom on which side, and how it is played."""

import asyncio
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import combinations

from blend.conversation import Conversation
from blend.duel.opening import Opening
from blend.duel.visitor import next_message
from blend.engine import Blend
from blend.judging import Judge, Verdicts
from blend.members import Member, MemberError
from blend.roster import BlendSpec
from blend.roster.contender import assemble


@dataclass(frozen=True, slots=True)
class DuelContender:
    """A contender: its id, what that is the hash of, and what it is made of."""

    id: str
    config: Mapping[str, object]
    spec: BlendSpec
    members: Mapping[str, Member]

    @property
    def name(self) -> str:
        return self.spec.name

    def blend(self, seed: int) -> Blend:
        """What answers for it, with draws of its own: battles at once do not change each other's.

        Raises RosterError.
        """
        return assemble(replace(self.spec, seed=seed), self.members, self.config)


@dataclass(frozen=True, slots=True)
class ScheduledBattle:
    """A battle that is to be played. id: of all that changes what is said in it, but the models'
    own chance where they honour no seed. turns: the visitor's messages at most."""

    id: str
    opening: Opening
    left: DuelContender
    right: DuelContender
    turns: int

    def seed(self, *what: object) -> int:
        """A number for one of the random choices in it: 31 bits, the same whenever it is asked."""
        text = json.dumps([self.id, *what])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1


Sides = tuple[Conversation, Conversation]
"""What was said on the left and on the right."""


def schedule(
    openings: Sequence[Opening],
    contenders: Sequence[DuelContender],
    focus: str | None,
    turns: int,
    seed: int,
    visitor: str,
) -> Iterator[ScheduledBattle]:
    """Every pair on every opening, or the pairs of the one called `focus`; the sides by lot.

    visitor: what identifies who plays it.
    """
    pairs = [
        pair
        for pair in combinations(contenders, 2)
        if focus is None or focus in (pair[0].name, pair[1].name)
    ]
    for opening in openings:
        for pair in pairs:
            described = [opening.messages, opening.system, pair[0].id, pair[1].id]
            text = json.dumps([*described, turns, seed, visitor])
            id = f"d-{hashlib.sha256(text.encode()).hexdigest()[:24]}"
            left, right = random.Random(id).sample(pair, 2)
            yield ScheduledBattle(id, opening, left, right, turns)


async def play(battle: ScheduledBattle, visitor: Member | None) -> Sides:
    """Play it to its end: both sides get the same messages, and go on with their own replies.

    A visitor reads one side before each message, drawn by lot, so that it favours none; without
    one, or where it says nothing, the battle ends. Raises MemberError where a side has no reply.
    """
    rng = random.Random(battle.seed("sides"))
    contenders = (battle.left, battle.right)
    blends = [each.blend(battle.seed("draws", n)) for n, each in enumerate(contenders)]
    sides = [Conversation(system=battle.opening.system)] * 2
    for turn in range(battle.turns):
        if turn < len(battle.opening.messages):
            text = battle.opening.messages[turn]
        elif visitor is not None:
            read = sides[rng.randrange(2)]
            text = await next_message(visitor, read.messages(), battle.seed("visitor", turn))
        else:
            text = ""
        if not text:
            break
        replies = (
            _reply(blend, side.ask(text), battle.seed("reply", turn, n))
            for n, (blend, side) in enumerate(zip(blends, sides, strict=True))
        )
        sides = list(await asyncio.gather(*replies))
        for contender, side in zip(contenders, sides, strict=True):
            if not side.turns[-1].finished:
                raise MemberError(contender.name, side.turns[-1].error or "it gave no reply")
    return sides[0], sides[1]


async def _reply(blend: Blend, conversation: Conversation, seed: int) -> Conversation:
    honoured = all("seed" in member.honours for member in blend.writers)
    sampling = {"seed": seed} if honoured else {}
    async with aclosing(blend.reply(conversation, **sampling)) as growing:
        async for turn in growing:
            conversation = conversation.answered(turn)
    return conversation


async def judge(sides: Sides, by: Judge) -> Verdicts:
    """What the judge says of the two sides after the first message. Raises MemberError."""
    left, right = (side.messages() for side in sides)
    begun = 2 if sides[0].system else 1  # both begin with the same messages
    return await by.verdicts(left[:begun], left[begun:], right[begun:])
