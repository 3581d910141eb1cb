"""What became of a reply, as a reward of 0 to 1: a thumb, an answer, more talk, a battle won."""

import uuid
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

REWARDS = {
    "thumb": "a thumb up against a thumb down; turns without one are not judged",
    "answered": "the visitor sent another message within 180 s, in a chat",
    "went_on": "the visitor sent another message at all, in a chat",
    "won": "the battle that the reply was part of was won; a tie is half, both bad nothing",
}
"""What a policy can be fitted for, and judged by."""
ANSWER = 180.0
"""Seconds within which an answer counts as one, as in the paper's own system (Chai)."""
REST = 1800.0
"""Seconds after which a conversation that nobody went on with is taken as ended."""


class TurnRow(NamedTuple):
    """A turn as the log has it; a tuple, because there may be a million."""

    id: str
    position: int
    prompt: str | None
    reply: str | None
    member: str | None
    chance: float | None
    chances: str | None
    ahead: int
    finished: int
    seconds: float | None
    feedback: int | None
    undone: int
    characters: int | None
    sentences: str | None = None


def rewards(
    reward: str, turns: Sequence[TurnRow], kind: str, score: float | None, now: float
) -> list[float | None]:
    """The reward of each turn of a conversation, None where it is not known or does not apply.

    turns: in the order of time. kind: "chat" or "battle". score: the battle's for this side, None
    where no vote counts. A reply that did not finish is nobody's success or failure. A regenerated
    or undone one was not answered.
    """
    if reward == "thumb":
        values = [None if t.feedback is None else (t.feedback + 1) / 2 for t in turns]
    elif reward == "won":
        values = [score if kind == "battle" else None for _ in turns]
    elif kind == "chat":
        within = ANSWER if reward == "answered" else None
        values = [_answer_reward(*pair, within, now) for pair in pairwise([*turns, None])]
    else:
        values = [None] * len(turns)  # a battle ends by its vote: that says nothing of the reply
    return [
        r if t.finished and t.member is not None else None
        for t, r in zip(turns, values, strict=True)
    ]


def _answer_reward(
    turn: TurnRow, after: TurnRow | None, within: float | None, now: float
) -> float | None:
    begun = time_of_id(turn.id)
    if begun is None:
        return None
    ended = begun + (turn.seconds or 0.0)
    if after is None:
        return 0.0 if turn.undone or now - ended > (within or REST) else None
    if after.position <= turn.position:
        return 0.0
    answer = time_of_id(after.id)
    if within is None:
        return 1.0
    return None if answer is None else float(answer - ended <= within)


def time_of_id(id: str) -> float | None:
    """When an id was made, in seconds since 1970; None for one that does not tell (no UUIDv7)."""
    try:
        known = uuid.UUID(id)
    except ValueError:
        return None
    return (known.int >> 80) / 1000 if known.version == 7 else None
