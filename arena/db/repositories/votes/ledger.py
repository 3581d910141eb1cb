"""The ledger: every vote, counted or not, with the rules' reason, the newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from arena.db.database import Database
from arena.models import NAMED, Choice, Source

SOURCES = (*get_args(Source), NAMED)
"""Whose votes there are; those with the names in view are on no board."""

PAGE = 1_000
"""Votes that are read at a time."""

SAME_TIME, OLDER = "v.created = ? AND v.rowid < ?", "v.created < ? AND ? IS NOT NULL"
"""The next page after a vote's (time, rowid): the rest of those of the same time, else older ones.
A search for both at once reads all votes of one time again for each page."""

LATEST = float("inf"), 0
"""Before the first page."""

ENTRIES = """
    SELECT v.rowid, v.created, v.battle, b.visitor, l.name, r.name, v.choice, v.counted, v.reason,
        v.rules, b.source, b.turns, b.language
    FROM votes v CROSS JOIN battles b ON b.id = v.battle
        JOIN contenders l ON l.id = b."left" JOIN contenders r ON r.id = b."right"
    WHERE {where} ORDER BY v.created DESC, v.rowid DESC LIMIT ?"""

CONDITIONS = {
    "battle": "v.battle = ?",
    "visitor": "v.battle IN (SELECT id FROM battles WHERE visitor = ?)",
    "contender": "? IN (l.name, l.id, r.name, r.id)",
    "reason": "instr(v.reason, ?) > 0",
    "counted": "v.counted = ?",
    "source": "b.source = ?",
}
"""What each field of a LedgerQuery asks of a vote."""


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """Which votes; a field that is None asks for nothing.

    contender: a name or an id, on either side. reason: a code of `arena.votes.rules.CODES`, or a
    part of one.
    """

    battle: str | None = None
    visitor: str | None = None
    contender: str | None = None
    reason: str | None = None
    counted: bool | None = None
    source: str | None = None

    def conditions(self) -> dict[str, object]:
        """The conditions as SQL, each with its value."""
        asked = {name: getattr(self, name) for name in CONDITIONS}
        return {CONDITIONS[name]: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One vote. created: seconds since 1970. left, right: the contenders' names.

    reason: why it does not count, as codes joined by ", "; rules: the version that said so.
    """

    created: float
    battle: str
    visitor: str
    left: str
    right: str
    choice: Choice
    counted: bool
    reason: str
    rules: str
    source: str
    turns: int
    language: str | None


@dataclass(frozen=True, slots=True)
class VoteLedger:
    """It only reads. Who may see it is the host's matter: it tells visitors' ids."""

    db: Database

    def read(self, query: LedgerQuery) -> Iterator[LedgerEntry]:
        """All votes that match, the newest first; a page is held at a time."""
        last = LATEST
        while rows := self._page(query, last):
            for row in rows:
                yield LedgerEntry(*row[1:7], bool(row[7]), *row[8:])
            last = rows[-1][1], rows[-1][0]

    def _page(self, query: LedgerQuery, last: tuple[float, int]) -> list[tuple]:
        conditions = query.conditions()
        values = (*conditions.values(), *last, PAGE)
        for after in (SAME_TIME, OLDER):
            sql = ENTRIES.format(where=" AND ".join([*conditions, after]))
            if rows := self.db.query(sql, values):
                return rows
        return []
