"""What the rules look at when votes are cast, read for all votes of a round at once."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

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

    status: `voted` wherever there is a vote. A tuple, made while nobody else can write.
    """

    visitor: str
    status: str
    ready: float | None
    leaked: bool
    prompt_hash: str | None
    sides: tuple[str | None, str | None]
    contenders: tuple[str, str]
    barred: bool
    address: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What was to be seen. began: when the last pair's first token came, seconds since 1970.

    columns: of the vote's row, by their names. None throughout where a side has no reply on record.
    """

    began: float | None
    columns: Mapping[str, int | None]


NOTHING = Shown(None, dict.fromkeys(("shorter", "prompt_characters", *SIDES)))


@dataclass(slots=True)
class Today:
    """How many votes there are since midnight, those of a running round included."""

    since: float
    by_visitor: Counter = field(default_factory=Counter)
    by_address: Counter = field(default_factory=Counter)
    by_prompt: Counter = field(default_factory=Counter)

    def before(self, asked: Asked) -> dict[str, int | None]:
        """How many of them are this visitor's, and the like; None where nobody knows."""
        alike = self.by_prompt[asked.visitor, asked.prompt_hash]
        return {
            "by_visitor": self.by_visitor[asked.visitor],
            "by_address": None if asked.address is None else self.by_address[asked.address],
            "same_prompt": None if asked.prompt_hash is None else alike,
        }

    def add(self, asked: Asked) -> None:
        """One more."""
        self.by_visitor[asked.visitor] += 1
        self.by_address[asked.address] += 1
        self.by_prompt[asked.visitor, asked.prompt_hash] += 1


class Evidence(Visits):
    """Reads what is known of battles that wait for their vote. One query for all of them."""

    def _asked(self, battles: Collection[str]) -> dict[str, Asked]:
        """The battles by id, as far as they are there."""
        rows = self._read(
            "SELECT b.id, b.visitor, iif(EXISTS (SELECT 1 FROM votes WHERE battle = b.id), 'voted',"
            " b.status), b.ready, b.leaked, b.prompt_hash, b.left_conversation,"
            ' b.right_conversation, b."left", b."right", p.barred, p.address_hash FROM battles b'
            " JOIN visitors p ON p.id = b.visitor WHERE b.id IN (SELECT value FROM json_each(?))",
            (listed(battles),),
        )
        return {
            id: Asked(*known, (one, other), (left, right), barred, address)
            for id, *known, one, other, left, right, barred, address in rows
        }

    def _replies(self, battles: Mapping[str, Asked]) -> dict[str, list[list[tuple]]]:
        """What each of these battles showed, by its id: each side's finished replies in the order
        of the messages, as (when its first token came, its features as JSON)."""
        replies: dict[str, list[tuple]] = {}
        for side, *reply in self._read(
            "SELECT conversation, closed - seconds + ttft_s, features FROM turns"
            " WHERE conversation IN (SELECT value FROM json_each(?)) AND finished AND NOT undone"
            " ORDER BY position, id",
            (listed(side for asked in battles.values() for side in asked.sides if side),),
        ):
            replies.setdefault(side, []).append(tuple(reply))
        return {
            id: [replies.get(side, []) for side in asked.sides] for id, asked in battles.items()
        }

    def _today(self, battles: Iterable[Asked], now: float, most: int) -> Today:
        """The votes of today that the next ones are counted with; of an address up to `most`."""
        today = Today(now - now % DAY)
        for visitor, prompt, votes in self._read(
            "SELECT b.visitor, b.prompt_hash, count(*) FROM battles b"
            " JOIN votes v ON v.battle = b.id WHERE b.visitor IN (SELECT value FROM json_each(?))"
            " AND b.created >= ? AND b.status = 'voted' AND v.created >= ? GROUP BY 1, 2",
            (listed({asked.visitor for asked in battles}), today.since - OPEN, today.since),
        ):
            today.by_visitor[visitor] += votes
            today.by_prompt[visitor, prompt] = votes
        for address, votes in self._read(
            "SELECT a.value, (SELECT count(*) FROM (SELECT 1 FROM votes WHERE address = a.value"
            " AND created >= ? LIMIT ?)) FROM json_each(?) a",
            (today.since, most, listed({a.address for a in battles if a.address is not None})),
        ):
            today.by_address[address] = votes
        return today

    def _contenders(self, ids: Collection[str]) -> dict[str, Contender]:
        rows = self._read(
            "SELECT id, name, config FROM contenders WHERE id IN (SELECT value FROM json_each(?))",
            (listed(ids),),
        )
        return {id: Contender(id, name, json.loads(config)) for id, name, config in rows}


def listed(values: Iterable[Any]) -> str:
    """As the one argument of a query, which then is the same text for any number of them."""
    return json.dumps(list(values))


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
