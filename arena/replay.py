"""Rows that come from elsewhere: put together with those that are here, in any order, any number
of times, with the same outcome."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from arena.erasure import TEXTS, anonymous, sealed
from arena.journal import Event, Journal, Part, names
from arena.rank import best_of, rank
from arena.records import RowError
from arena.row_check import sound
from arena.visitor_id import LONGEST

CHUNK = 20_000
"""Rows of a snapshot that are put in at a time."""


class RefusedRows(RowError):
    """Rows that the tables refuse, each with its reason."""

    def __init__(self, reasons: Sequence[tuple[Event, str]]):
        super().__init__("; ".join(reason for _, reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of events. new: rows that are new or newer. waiting: events whose row refers to
    one that is not here yet: to be taken again with later ones. refused: what is wrong with each
    row that cannot be stored, in a line."""

    new: int = 0
    waiting: tuple[Event, ...] = ()
    refused: tuple[str, ...] = ()

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.new + other.new, other.waiting, self.refused + other.refused)


class Replay(Journal):
    """Takes in rows. Nothing that it writes is a change of this file's own."""

    def take(self, events: Iterable[Event]) -> Taken:
        """Put the rows in, in one transaction. Of each row the best state stays, see `rank`.

        Whose data was deleted stays deleted: such rows come in under the anonymous id, without
        texts. Where no texts are kept, none come in, and none are to stay where they came from.
        What this version does not know (a table, a column) is left out, and so is each row that
        cannot be stored: one that is odd must not keep back all others.
        """
        with self.writing(), self._replaying():
            parts, gone = self._parts(), self._aliases()
            events, refused = sound(events, parts, self._id_columns())
            told = {e.row["alias"] for e in events if e.part == "forgotten"} - gone
            known = list(self._known(events, parts, gone | told))
            while True:
                best = best_of(known, parts)
                waiting = self._waiting(best, parts)
                try:
                    with self.writing():
                        new = self._put_all(best, parts)
                    break
                except RefusedRows as rows:  # then by the next best states, and without children
                    refused += [f"{event.part} {reason}" for event, reason in rows.reasons]
                    odd = {id(event) for event, _ in rows.reasons}
                    known = [event for event in known if id(event) not in odd]
            if not self.keep_texts and any(map(_wordy, events)):
                self._purge()
            self._forget_again(told)
            for alias in gone:
                self._scrub(alias)
            if told:
                # What this replica told before holds what is deleted now.
                self._purge()
        if told:
            self._settle()
        return Taken(new, tuple(waiting), tuple(refused))

    def take_snapshot(self, path: Path) -> Taken:
        """Put in all rows of a copy of another file, which is brought up to date for that.

        Raises StoreError where the copy is of a newer version, or is no such file.
        """
        type(self).open(path).close()
        self._connection.execute("ATTACH ? AS other", (str(path),))
        try:
            adopts = self._empty() and self._sound_ids()
            return self._adopt() if adopts else self._take_other()
        finally:
            self._connection.execute("DETACH other")

    def _sound_ids(self) -> bool:
        """Whether no row of `other` has an id that may not be stored."""
        return not any(
            self._row(
                f"SELECT 1 FROM other.{table.name} WHERE length({table.key[0]}) > {LONGEST}"
                f" OR {table.key[0]} IS NULL OR {table.key[0]} GLOB '*[^A-Za-z0-9_.-]*' LIMIT 1"
            )
            for table in self._tables().values()
            if table.key in (("id",), ("alias",))
        )

    def _adopt(self) -> Taken:
        """All rows of `other` into this file, which has none: whole tables at once."""
        new = 0
        with self.writing(), self._replaying():
            for table, columns, _ in self._tables().values():
                every = names(columns)
                new += self._write(
                    f"INSERT INTO main.{table} ({every}) SELECT {every} FROM other.{table}"
                )
            self._write(
                "INSERT INTO main.changes (part, key, at) SELECT part, key, at FROM other.changes"
                " WHERE true ON CONFLICT DO NOTHING"
            )
            if not self.keep_texts and self.drop_texts():
                self._purge()
        return Taken(new)

    def _take_other(self) -> Taken:
        """The rows of `other` that are not here just so, or that changed at another time."""
        taken = Taken()
        for part in self._parts().values():
            key, same = (
                names(part.key, "t."),
                " AND ".join(f'x."{name}" IS t."{name}"' for name in part.columns),
            )
            rows = self._read(
                f"SELECT coalesce(c.at, 0.0), {names(part.columns, 't.')} FROM other.{part.table} t"
                f" LEFT JOIN other.changes c ON c.part = ?1 AND c.key = json_array({key})"
                f" LEFT JOIN main.changes m ON m.part = ?1 AND m.key = json_array({key})"
                f" WHERE c.at IS NOT m.at"
                f" OR NOT EXISTS (SELECT 1 FROM main.{part.table} x WHERE {same})",
                (part.name,),
            )
            for start in range(0, len(rows), CHUNK):
                found = (
                    Event(part.name, at, dict(zip(part.columns, row, strict=True)))
                    for at, *row in rows[start : start + CHUNK]
                )
                taken += self.take([*taken.waiting, *found])
        return taken

    @contextmanager
    def _replaying(self) -> Iterator[None]:
        """In a transaction: what is written meanwhile is noted by no trigger."""
        self._connection.execute("PRAGMA defer_foreign_keys = ON")
        self._write("UPDATE journal SET replaying = 1")
        yield
        self._write("UPDATE journal SET replaying = 0")

    def _put_all(self, best: dict[tuple, Event], parts: dict[str, Part]) -> int:
        """Write the rows; how many were new or newer. Raises RefusedRows if there is any."""
        new, reasons = 0, []
        # Parents first: SQLite searches all children of a row that comes after them.
        order = {name: n for n, name in enumerate(parts)}
        for event in sorted(best.values(), key=lambda event: (order[event.part], event.at)):
            try:
                new += self._put(event, parts[event.part])
            except RowError as error:
                reasons.append((event, str(error.__cause__ or error)))
        if reasons:
            raise RefusedRows(reasons)
        return new

    def _known(
        self, events: Iterable[Event], parts: dict[str, Part], gone: set[str]
    ) -> Iterator[Event]:
        """The events in terms of this version, without the visitors who are gone."""
        named = {r.table: r.column for r in self._references() if r.parent == "visitors"}
        named["visitors"] = "id"
        alias = cache(lambda id: a if (a := anonymous(id)) in gone else id)
        for event in events:
            part = parts[event.part]
            row = {name: event.row[name] for name in part.columns if name in event.row}
            if not self.keep_texts:
                row |= dict.fromkeys(row.keys() & set(TEXTS.get(part.table, ())) - {"error"})
            column = named.get(part.table)
            if gone and column in row and (stands := alias(row[column])) != row[column]:
                if row.get("prompt_hash"):
                    row["prompt_hash"] = sealed(row[column], row["prompt_hash"])
                row[column] = stands
            yield Event(part.name, event.at, row)

    def _waiting(self, best: dict[tuple, Event], parts: dict[str, Part]) -> list[Event]:
        """Take out of `best` what refers to rows that are neither in it nor in the file."""
        refers = {part: [] for part in parts}
        for table, column, parent in self._references():
            refers[table].append((column, parent))
        for part in parts.values():
            if part.name != part.table:
                refers[part.name].append((part.key[0], part.table))
        keys = {table.name: table.key[0] for table in self._tables().values()}

        @cache
        def there(parent: str, key: object) -> bool:
            return bool(self._row(f'SELECT 1 FROM {parent} WHERE "{keys[parent]}" = ?', (key,)))

        out = []
        while missing := [
            key
            for key, (part, _, row) in best.items()
            if any(
                (to := row.get(column)) is not None
                and (parent, to) not in best
                and not there(parent, to)
                for column, parent in refers[part]
            )
        ]:
            out += [best.pop(key) for key in missing]
        return out

    def _put(self, event: Event, part: Part) -> bool:
        """Write the row, unless what is here is as good; whether it was written."""
        row, key = event.row, [event.row[name] for name in part.key]
        marks = ", ".join("?" * len(key))
        where = " AND ".join(f'"{name}" = ?' for name in part.key)
        here = self._row(
            f"SELECT (SELECT at FROM changes WHERE part = ? AND key = json_array({marks})),"
            f" {names(row)} FROM {part.table} WHERE {where}",
            (part.name, *key, *key),
        )
        if here is not None:
            at, *values = here
            if rank(Event(part.name, at or 0.0, dict(zip(row, values, strict=True)))) >= rank(
                event
            ):
                return False
        others = ", ".join(f'"{n}" = excluded."{n}"' for n in row if n not in part.key)
        if part.name == part.table:
            update = f"UPDATE SET {others}" if others else "NOTHING"
            self._write(
                f"INSERT INTO {part.table} ({names(row)}) VALUES ({', '.join('?' * len(row))})"
                f" ON CONFLICT ({', '.join(part.key)}) DO {update}",
                tuple(row.values()),
            )
        else:
            column = part.columns[-1]
            self._write(
                f'UPDATE {part.table} SET "{column}" = ? WHERE {where}', (row[column], *key)
            )
        self._write(
            f"INSERT INTO changes (part, key, at) VALUES (?, json_array({marks}), ?)"
            " ON CONFLICT (part, key) DO UPDATE SET at = excluded.at, number = NULL",
            (part.name, *key, event.at),
        )
        return True


def _wordy(event: Event) -> bool:
    """Whether the row holds what was said."""
    return any(event.row.get(name) for name in TEXTS.get(event.part, ()) if name != "error")
