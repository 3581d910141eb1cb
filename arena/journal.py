"""The journal: which rows have changed since another place was last told of them.

Triggers note each change in the transaction that makes it, so that no crash can come in between
(known as a transactional outbox). What is told is the row as it is then, with the time at which it
changed: the newest one wins wherever several are put together.
"""

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from arena.erasure import TEXTS, Erasure

APART = {"visitors": ("barred",)}
"""Columns whose changes are told on their own: the rest of a visitor's row is written all day, at
every replica, and a newer row of one must not take back what the host decided at another."""

NOW = "(julianday('now') - 2440587.5) * 86400.0"


class Event(NamedTuple):
    """A row as it was at some time (seconds since 1970). part: its table, or a column of that."""

    part: str
    at: float
    row: dict[str, object]


class Part(NamedTuple):
    """What is told together. columns: the key's and the others'."""

    name: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far another place is told: changes up to `kept` of `last`; its snapshot has those up to
    `covered`, and one with those up to `purge` is wanted. snapshot: the name of one that is here.
    """

    last: int
    kept: int
    covered: int
    purge: int
    snapshot: str | None


class Journal(Erasure):
    """Notes changes once it is watched; until then it costs nothing."""

    def watch(self, repository: str) -> None:
        """Begin to note changes for the place of that name, or go on with it.

        What was there before the journal, or is told to another place now, is for a snapshot.
        """
        with self.writing():
            watched = self._row("SELECT repository FROM journal")[0]
            for part in self._parts().values():
                for sql in _triggers(part):
                    self._write(sql)
            if watched != repository:
                self._write(
                    "UPDATE journal SET repository = ?, kept = last, covered = 0, snapshot = NULL",
                    (repository,),
                )
                if not self._empty():
                    self._purge()

    def reach(self) -> Reach:
        """How far the place is told."""
        return Reach(*self._row("SELECT last, kept, covered, purge, snapshot FROM journal"))

    def changed(self, after: int) -> tuple[list[Event], int]:
        """The rows that changed after that number, older changes first, and the newest number.

        They are as of one moment: no row is told before those that it refers to.
        """
        parts = self._parts()
        with self.writing():
            last = self._row("SELECT last FROM journal")[0]
            rows = self._read(
                "SELECT part, key, at FROM changes WHERE number > ? ORDER BY number", (after,)
            )
            events = [
                Event(part, at, row)
                for part, key, at in rows
                if part in parts and (row := self._told(parts[part], json.loads(key)))
            ]
        return events, last

    def snapshot(self, out: Path) -> int:
        """A whole copy of the file in `out`, which is not there; the number that it goes up to.

        Without texts where none are to be kept. Nothing that was deleted is in it.
        """
        (last,) = self._row("SELECT last FROM journal")
        # By a connection of its own: nobody who writes meanwhile has to wait.
        with closing(self._read_only(self.path, lambda file: None)) as reader:
            reader._read("VACUUM INTO ?", (str(out),))
        if not self.keep_texts:
            copy = type(self)._opened(self.path, str(out), False, self.patience, lambda new: None)
            with closing(copy):
                if copy.drop_texts():
                    copy._read("VACUUM")
        return last

    def told(self, kept: int) -> None:
        """Note that the place has all changes up to that number."""
        self._write("UPDATE journal SET kept = max(kept, ?)", (kept,))

    def covered(self, number: int, snapshot: str) -> None:
        """Note that the place has a snapshot of that name with all changes up to that number."""
        self._write(
            "UPDATE journal SET kept = max(kept, ?1), covered = max(covered, ?1), snapshot = ?2",
            (number, snapshot),
        )

    def holds(self, snapshot: str) -> None:
        """Note that all rows of the snapshot of that name are here."""
        self._write("UPDATE journal SET snapshot = ?", (snapshot,))

    def untold(self) -> None:
        """Note that the place has lost what it had: it gets a snapshot."""
        with self.writing():
            self._write("UPDATE journal SET covered = 0, snapshot = NULL")
            self._purge()

    def _empty(self) -> bool:
        return not any(self._row(f"SELECT EXISTS (SELECT 1 FROM {t})")[0] for t in self._tables())

    def _parts(self) -> dict[str, Part]:
        parts = []
        for name, columns, key in self._tables().values():
            apart = APART.get(name, ())
            parts.append(Part(name, name, key, tuple(c for c in columns if c not in apart)))
            parts += [Part(f"{name}.{c}", name, key, (*key, c)) for c in apart]
        return {part.name: part for part in parts}

    def _told(self, part: Part, key: list[object]) -> dict[str, object] | None:
        """The row of that key as it is told; None where it has gone."""
        where = " AND ".join(f'"{name}" = ?' for name in part.key)
        found = self._row(f"SELECT {names(part.columns)} FROM {part.table} WHERE {where}", key)
        if found is None:
            return None
        row = dict(zip(part.columns, found, strict=True))
        if not self.keep_texts:
            row |= {name: None for name in TEXTS.get(part.table, ()) if name != "error"}
        return row


def _triggers(part: Part) -> list[str]:
    """Two triggers that note a change of that part's columns, made anew: columns may be too."""
    key = ", ".join(f'NEW."{name}"' for name in part.key)
    note = (
        "UPDATE journal SET last = last + 1;"
        f" INSERT INTO changes (part, key, at, number) VALUES ('{part.name}', json_array({key}),"
        f" {NOW}, (SELECT last FROM journal)) ON CONFLICT (part, key) DO UPDATE"
        # The newest change is the newest also where the clock went back, or stood still.
        " SET at = max(excluded.at, at + 0.001), number = excluded.number;"
    )
    own = [name for name in part.columns if name not in part.key]
    # What is told apart is at its default in most new rows, and then there is nothing to tell.
    unless = f' AND NEW."{own[0]}"' if "." in part.name else ""
    when = "WHEN NOT (SELECT replaying FROM journal)"
    name = part.name.replace(".", "_")
    return [
        f"DROP TRIGGER IF EXISTS journal_insert_{name}",
        f"CREATE TRIGGER journal_insert_{name} AFTER INSERT ON {part.table}"
        f" {when}{unless} BEGIN {note} END",
        f"DROP TRIGGER IF EXISTS journal_update_{name}",
        f"CREATE TRIGGER journal_update_{name} AFTER UPDATE OF"
        f" {names(part.columns if '.' not in part.name else own)} ON {part.table}"
        f" {when} BEGIN {note} END",
    ]


def names(columns: Iterable[str], of: str = "") -> str:
    """Columns as SQL names them."""
    return ", ".join(f'{of}"{name}"' for name in columns)
