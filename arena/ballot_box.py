"""All counted votes as columns, read in one go; and made-up ones, written in one go."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from arena.ballot import CHOICES, Ballots
from arena.bulk import Bulk
from arena.records import Contender, Source
from arena.style import MARKS, contrasts

PAGE = 2_000
"""Rows at a time: few enough to stay in the processor's cache, where a million pass through."""

KEYS = {"turns": "b.turns", "language": "coalesce(b.language, '')"}
"""Columns with few values. SQLite joins them to the contenders and the choice in one text, so that
one look-up does for all of them."""

VALUES = {
    "created": ("v.created",),
    "length": ("v.prompt_characters",),
    "chance": ("b.pair_chance",),
    "style": tuple(f"v.{side}_{mark}" for side in ("left", "right") for mark in MARKS),
}

ROWS = """
    SELECT {columns} FROM votes v CROSS JOIN battles b ON b.id = v.battle
    WHERE v.rowid BETWEEN ?1 AND ?2 AND v.counted AND b.source = ?3 ORDER BY v.rowid"""
# The cross join keeps this order, also for what is aggregated: both tables were written together,
# so both are read in a row.

TEXTS = "group_concat(b.visitor, '{mark}'), group_concat({key}, '{mark}')"
"""A page of texts as two long ones: a row for each vote would take twice the time."""

BATTLE = (
    *("id", "visitor", "left", "right", "pair_chance", "policy", "turns", "prompt_hash"),
    *("language", "source", "created", "status"),
)
VOTE = (
    *("battle", "choice", "created", "counted", "reason", "rules"),
    *("waited", "watched", "shorter", "prompt_characters"),
    *(f"{side}_{mark}" for side in ("left", "right") for mark in MARKS),
)

PART, END = "\x1f", "\x1e"
"""Between the parts of a key, and between texts; no id has them."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Votes of a source that do not count, and its battles that ended without one."""

    dropped: int
    void: int


class BallotBox(Bulk):
    """Votes by the million. Reads in pages, so that other threads get their turn."""

    def ballots(self, source: Source, columns: Sequence[str] = ()) -> Ballots:
        """The counted votes of a source, by contender id, with those columns of `Ballots`.

        Ids come sorted. About 16 bytes a vote and 8 for each column more.
        """
        keys = ['b."left"', 'b."right"', "v.choice", *(KEYS[c] for c in columns if c in KEYS)]
        key = f" || '{PART}' || ".join(keys)
        values = list(chain.from_iterable(VALUES[c] for c in columns if c in VALUES))
        queries = [ROWS.format(columns=TEXTS.format(mark=END, key=key))]
        queries += [ROWS.format(columns=", ".join(values))] if values else []
        people, kinds = _Codes(), _Codes()
        pages = [_page(None, None, [], people, kinds, len(values))]
        last = self._row("SELECT coalesce(max(rowid), 0) FROM votes")[0]
        for start in range(1, last + 1, PAGE):
            texts, *rows = self._at_once(queries, (start, start + PAGE - 1, source))
            pages.append(_page(*texts[0], *(rows or [[]]), people, kinds, len(values)))
        visitor, kind, *numbers = (np.concatenate(column) for column in zip(*pages, strict=True))
        return _ballots(visitor, kind, numbers, kinds, columns)

    def _at_once(self, queries: Sequence[str], values: tuple) -> list[list[tuple]]:
        """What each query reads, all of them of the same moment."""
        if len(queries) == 1:
            return [self._read(queries[0], values)]
        with self._lock, self._explained():
            self._patiently("BEGIN")
            try:
                return [self._read(sql, values) for sql in queries]
            finally:
                self._connection.rollback()

    def filled(self) -> set[Source]:
        """The sources that have votes."""
        rows = self._read("SELECT DISTINCT source FROM battles WHERE status = 'voted'")
        return {row[0] for row in rows}

    def rest(self, source: Source) -> Rest:
        """What `ballots` leaves out; both are counted without going through what it does not."""
        dropped, void = self._row(
            "SELECT (SELECT count(*) FROM votes v CROSS JOIN battles b ON b.id = v.battle"
            " WHERE v.counted = 0 AND b.source = ?1),"
            " (SELECT count(*) FROM battles WHERE status = 'void' AND source = ?1)",
            (source,),
        )
        return Rest(dropped, void)

    def has_visitor(self, id: str) -> bool:
        """Whether somebody with this id ever came."""
        return self._row("SELECT 1 FROM visitors WHERE id = ?", (id,)) is not None

    def fill(
        self,
        contenders: Iterable[Contender],
        visitors: Iterable[tuple[str, float]],
        pages: Iterable[tuple[Sequence[tuple], Sequence[tuple]]],
    ) -> None:
        """Write finished battles and their votes, all of them or none; rows as BATTLE and VOTE.

        visitors: ids, and when each was first seen. A contender may be there; other ids raise
        StoreError.
        """
        every = self._connection.executemany
        with self.writing():
            every(
                "INSERT INTO contenders (id, name, config) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                map(_contender, contenders),
            )
            self._insert(every, "visitors", ("id", "first_seen"), visitors)
            for battles, votes in pages:
                self._insert(every, "battles", BATTLE, battles)
                self._insert(every, "votes", VOTE, votes)

    def _insert(
        self, every: Callable, table: str, columns: Sequence[str], rows: Iterable[tuple]
    ) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        every(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)


class _Codes(dict):
    """A number for every text, in the order in which they come."""

    def __missing__(self, text: str) -> int:
        self[text] = code = len(self)
        return code


def _page(
    visitors: str | None, keys: str | None, rows: list[tuple], people: _Codes, kinds: _Codes, n: int
) -> list[np.ndarray]:
    """Codes of visitors and of keys, then the n numbers of each row; None becomes NaN."""
    texts = [[] if text is None else text.split(END) for text in (visitors, keys)]
    numbers = zip(*rows, strict=True) if rows else ((),) * n
    return [
        *(
            np.fromiter(map(codes.__getitem__, some), np.int32, len(some))
            for codes, some in zip((people, kinds), texts, strict=True)
        ),
        *(np.array(column, float) for column in numbers),
    ]


def _ballots(
    visitor: np.ndarray,
    kind: np.ndarray,
    numbers: list[np.ndarray],
    kinds: _Codes,
    columns: Sequence[str],
) -> Ballots:
    """Ballots of codes: what a key stands for is looked at once a key, not once a vote."""
    parts = [key.split(PART) for key in kinds]
    left, right, choice, *others = zip(*parts, strict=True) if parts else ((),) * (3 + len(columns))
    names = tuple(sorted({*left, *right}))
    index = {name: i for i, name in enumerate(names)}
    found = dict(zip([c for c in columns if c in KEYS], others, strict=False))
    languages = tuple(sorted(set(found.get("language", ())) - {"", "und"}))
    known = {}
    if "turns" in columns:
        known["turns"] = _taken([int(n) for n in found["turns"]], kind)
    if "language" in columns:
        spoken = [languages.index(c) if c in languages else -1 for c in found["language"]]
        known["language"] = _taken(spoken, kind)
    numbers = iter(numbers)
    for name in (c for c in columns if c in VALUES):
        if name == "style":
            sides = np.stack([next(numbers) for _ in VALUES["style"]], axis=1)
            known[name] = contrasts(sides[:, : len(MARKS)], sides[:, len(MARKS) :])
        else:
            known[name] = next(numbers)
    return Ballots(
        names,
        _taken([index[name] for name in left], kind),
        _taken([index[name] for name in right], kind),
        _taken([CHOICES.index(one) for one in choice], kind).astype(np.int8),
        visitor,
        known,
        languages,
    )


def _taken(of_key: list[int], kind: np.ndarray) -> np.ndarray:
    return np.array(of_key, np.int32)[kind] if of_key else np.zeros(0, np.int32)


def _contender(contender: Contender) -> tuple[str, str, str]:
    return contender.id, contender.name, json.dumps(dict(contender.config), sort_keys=True)
