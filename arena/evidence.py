"""What the rules look at when a vote is cast."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from arena.integrity import DAY
from arena.records import Contender
from arena.style import MARKS
from arena.visits import Visits

OPEN = 7 * DAY
"""Seconds for which a battle may stay open and its vote still be counted among those of its day:
who has voted for years must not be read from the beginning at every vote."""

SIDES = tuple(f"{name}_{mark}" for name in ("left", "right") for mark in MARKS)
"""Columns of the votes: sums over all replies of a side."""

COUNTS = ("prompt_characters", *("reply_characters" if m == "characters" else m for m in MARKS))
"""What a vote takes from a reply's features: whole numbers up to MOST."""

MOST = 2**31

PICK = itemgetter(*COUNTS)


class Asked(NamedTuple):
    """A battle whose vote is being cast. It tells the contenders: it is not for the page.

    status: `voted` wherever there is a vote.
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


@dataclass(frozen=True, slots=True)
class Shown:
    """What was to be seen. began: when the last pair's first token came, seconds since 1970.

    columns: of the vote's row, by their names. None throughout where a side has no reply on record.
    """

    began: float | None
    columns: Mapping[str, int | None]


NOTHING = Shown(None, dict.fromkeys(("shorter", "prompt_characters", *SIDES)))


class Evidence(Visits):
    """Reads what is known of a battle that waits for its vote."""

    def _asked(self, battle: str) -> Asked | None:
        row = self._row(
            "SELECT b.visitor, iif(EXISTS (SELECT 1 FROM votes WHERE battle = b.id), 'voted',"
            " b.status), b.ready, b.leaked, b.prompt_hash, p.barred, p.address_hash,"
            " b.left_conversation, b.right_conversation, l.id, l.name, l.config, r.id, r.name,"
            " r.config FROM battles b JOIN visitors p ON p.id = b.visitor"
            ' JOIN contenders l ON l.id = b."left" JOIN contenders r ON r.id = b."right"'
            " WHERE b.id = ?",
            (battle,),
        )
        if row is None:
            return None
        return Asked(*row[:7], row[7:9], (contender(*row[9:12]), contender(*row[12:])))

    def _replies(self, asked: Asked) -> list[list[tuple]]:
        """What the battle showed: each side's finished replies in the order of the messages, as
        (when its first token came, its features as JSON)."""
        rows = self._read(
            "SELECT conversation, closed - seconds + ttft_s, features FROM turns"
            " WHERE conversation IN (?, ?) AND finished AND NOT undone ORDER BY position, id",
            asked.sides,
        )
        return [[tuple(reply) for side, *reply in rows if side == one] for one in asked.sides]

    def _today(self, asked: Asked, now: float, most: int) -> dict[str, int | None]:
        """How many votes since midnight are this visitor's, and the like; of an address up to
        `most`. None where nobody knows."""
        since = now - now % DAY
        by_visitor, same_prompt, by_address = self._row(
            "SELECT count(*), coalesce(sum(b.prompt_hash = ?), 0), (SELECT count(*) FROM"
            " (SELECT 1 FROM votes WHERE address = ? AND created >= ? LIMIT ?)) FROM battles b"
            " JOIN votes v ON v.battle = b.id WHERE b.visitor = ?"
            " AND b.created >= ? AND b.status = 'voted' AND v.created >= ?",
            (
                *(asked.prompt_hash, asked.address, since, most),
                *(asked.visitor, since - OPEN, since),
            ),
        )
        return {
            "by_visitor": by_visitor,
            "by_address": None if asked.address is None else by_address,
            "same_prompt": None if asked.prompt_hash is None else same_prompt,
        }


def contender(id: str, name: str, config: str) -> Contender:
    """A row of the contenders."""
    return Contender(id, name, json.loads(config))


def shown(sides: list[list[tuple]]) -> Shown:
    """What was to be seen of such replies. Raises ValueError where their features are not ours."""
    if not all(sides):
        return NOTHING
    counts = [[_counts(text) for _, text in side] for side in sides]
    totals = [sum(column) for side in counts for column in list(zip(*side, strict=True))[1:]]
    last = [side[-1][0] for side in sides]
    return Shown(
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
