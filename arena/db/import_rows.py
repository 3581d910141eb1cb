"""Battles and turns that were finished elsewhere, and the rows of tables that they become."""

import hashlib
import json
from typing import NamedTuple

from arena.db.rows import STYLE
from arena.db.turn_features import features
from arena.models import Choice, Contender, MachineVerdict, ReasonKind, Side, Source
from blend.conversation import Conversation, Turn

BATTLE = (
    *("id", "visitor", "left", "right", "pair_chance", "policy", "turns", "prompt_hash"),
    *("language", "source", "created", "status"),
)
SIDES = ("left_conversation", "right_conversation")
VOTE = (
    *("battle", "choice", "created", "counted", "reason", "rules"),
    *("waited", "watched", "shorter", "prompt_characters", *STYLE),
)

REPLY = (
    *("id", "conversation", "position", "prompt", "reply", "member", "chance", "chances", "ahead"),
    *("finished", "seconds", "features", "feedback", "opened", "closed"),
)


class FinishedBattle(NamedTuple):
    """A battle that was fought and voted on elsewhere; a tuple, for there may be a million.

    created: seconds since 1970, of the vote. reason: why it does not count; empty where it does.
    rules: what decided that. turns: messages, 0 where that is not known. prompt_characters: of the
    first. style: what `arena.ranking.style` compares, of all replies of the left side, then of the
    right. reasons, comment: why the visitor voted so. sides: what was said, left and right. first:
    the first message, which gives the categories, whether it is stored or not. verdict: of a model
    that is the visitor.
    """

    id: str
    visitor: str
    left: Contender
    right: Contender
    choice: Choice
    created: float
    source: Source
    policy: str
    rules: str
    turns: int = 0
    language: str | None = None
    pair_chance: float | None = None
    reason: str = ""
    prompt_characters: int | None = None
    style: tuple[int, ...] | None = None
    reasons: tuple[tuple[ReasonKind, Side, str], ...] = ()
    comment: str | None = None
    sides: tuple[Conversation, Conversation] | None = None
    first: str | None = None
    verdict: MachineVerdict | None = None


class FinishedTurn(NamedTuple):
    """A finished turn of a chat that is written whole. thumb: 1, -1 or None; created: seconds since
    1970."""

    conversation: str
    position: int
    turn: Turn
    thumb: int | None
    created: float


def imported_id(*what: object) -> str:
    """The id of something from another file, by all that says which one it is. A visitor's is of
    "visitor" and what that file calls them. It does not show what that was, but whoever guesses a
    name can check the guess."""
    # The length of each part keeps ("a", "bc") and ("ab", "c") apart.
    text = "".join(f"{len(part)}:{part}" for part in map(str, what))
    return f"i-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def battle_row(of: FinishedBattle) -> tuple:
    """A row as BATTLE and SIDES."""
    left, right, kind = of.left.id, of.right.id, (of.source, of.created, "voted")
    drawn = of.pair_chance, of.policy
    sides = [side.id for side in of.sides] if of.sides else [None, None]
    return of.id, of.visitor, left, right, *drawn, of.turns, None, of.language, *kind, *sides


def vote_row(of: FinishedBattle) -> tuple:
    """A row as VOTE."""
    verdict = of.id, of.choice, of.created, not of.reason, of.reason, of.rules
    style = of.style or [None] * len(STYLE)
    return *verdict, None, None, None, of.prompt_characters, *style


def reply_row(of: FinishedTurn) -> tuple:
    """A row as REPLY; without a draw nobody knows which member wrote it."""
    turn, draw = of.turn, of.turn.draw
    texts = turn.prompt, turn.reply
    drawn: tuple = (None, None, None, False)
    if draw is not None:
        drawn = draw.member, draw.chance, json.dumps(dict(draw.chances)), draw.ahead
    noted = json.dumps(features(*texts))
    times = of.created, of.created + (turn.seconds or 0.0)
    ended = turn.finished, turn.seconds, noted, of.thumb
    return turn.id, of.conversation, of.position, *texts, *drawn, *ended, *times
