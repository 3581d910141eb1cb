"""What is noted of the replies with each vote: what the rules, slices and style control need."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from arena.models import Contender
from arena.ranking.style import MARKS

SIDES = tuple(f"{name}_{mark}" for name in ("left", "right") for mark in MARKS)
"""Columns of the votes: sums over all replies of a side."""

COUNTS = ("prompt_characters", *("reply_characters" if m == "characters" else m for m in MARKS))
"""What a vote takes from a reply's features: whole numbers up to MOST."""

MOST = 2**31

PICK = itemgetter(*COUNTS)


class PendingVote(NamedTuple):
    """A battle whose vote is being cast. It tells the contenders: it is not for the page.

    status: `voted` wherever there is a vote. sides: conversation ids, left and right. named:
    whether the names are in view.
    """

    visitor: str
    status: str
    ready: float | None
    leaked: bool
    prompt_hash: str | None
    barred: bool
    address: str | None
    sides: tuple[str | None, str | None]
    contenders: tuple[Contender, Contender]
    named: bool


@dataclass(frozen=True, slots=True)
class ReplyStats:
    """What was to be seen. began: when the last pair's first token came, seconds since 1970.

    columns: of the vote's row, by their names. None throughout where a side has no reply on record.
    """

    began: float | None
    columns: Mapping[str, int | None]


NO_STATS = ReplyStats(None, dict.fromkeys(("shorter", "prompt_characters", *SIDES)))


def reply_stats(sides: list[list[tuple]]) -> ReplyStats:
    """What was to be seen of such replies: for each side (when its first token came, its features
    as JSON). Raises ValueError where their features are not ours."""
    if not all(sides):
        return NO_STATS
    counts = [[_counts(text) for _, text in side] for side in sides]
    totals = [sum(column) for side in counts for column in list(zip(*side, strict=True))[1:]]
    last = [side[-1][0] for side in sides]
    return ReplyStats(
        None if None in last else min(last),
        {
            "shorter": min(side[-1][1] for side in counts),
            "prompt_characters": counts[0][0][0],
            **dict(zip(SIDES, totals, strict=True)),
        },
    )


def _counts(text: str) -> tuple[int, ...]:
    """The values of COUNTS in a reply's features."""
    try:
        counts = PICK(json.loads(text))
    except (ValueError, LookupError, TypeError):
        counts = ()
    if set(map(type, counts)) != {int} or min(counts) < 0 or max(counts) > MOST:
        raise ValueError(f"a reply's features are not what they were: {text:.60}")
    return counts
