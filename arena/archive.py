"""Whole database files: copied while they are in use, checked, and merged into one another."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from arena.erasure import Erasure
from arena.records import StoreError
from arena.tables import Table
from arena.visitor_id import LONGEST

Report = Callable[[int, int], None]
"""Told now and then how much of how much is done."""

PAGES = 2_000
"""Pages that are copied at a time, 8 MB: often enough to be told of, and to be stopped."""

CHUNK = 50_000
"""Rows that are merged by one statement, for the same reason."""

IDS = ("visitors", "contenders", "conversations", "battles", "turns")
"""The tables whose `id` other rows name."""

TEXTS = (("contenders", "name"), ("battles", "language"), ("votes", "reason"))
"""The columns that are shown, of what another file brings."""

UNFIT_ID = (
    "(id GLOB '*[^A-Za-z0-9_.-]*' OR instr(id, char(0)) > 0 OR length(CAST(id AS BLOB)) NOT BETWEEN"
    f" 1 AND {LONGEST})"
)
"""What `visitor_id.is_storable_id` refuses."""

UNFIT_TEXT = (
    "({0} GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || char(65533)"
    " || ']*' OR instr({0}, char(0)) > 0 OR length(CAST({0} AS BLOB)) > 1000)"
)
"""Control characters, what is no UTF-8 (SQLite reads it as character 65533), and too long ones."""

STAGE = (
    "({0}.status = 'voted', {0}.turns, {0}.retried,"
    " instr('created streaming ready void', {0}.status))"
)
"""How far a battle has come, as in `arena.rank`; of two copies of its row the one that came further
is kept."""

STATE = "({0}.finished, {0}.error IS NOT NULL, {0}.undone, {0}.feedback IS NOT NULL)"
"""The same for a turn."""

SAME = {
    "visitors": "first_seen = min(first_seen, excluded.first_seen),"
    " barred = max(barred, excluded.barred),"
    " address_hash = coalesce(address_hash, excluded.address_hash)",
    "visits": "seconds = max(seconds, excluded.seconds), turns = max(turns, excluded.turns)",
    "battles": f"{{all}} WHERE {STAGE.format('excluded')} > {STAGE.format('battles')}",
    "turns": f"{{all}} WHERE {STATE.format('excluded')} > {STATE.format('turns')}",
}
"""What becomes of a row that both files have; in other tables the row that is there stays."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: rows by table as (new, of how many), and votes that contradict.

    `differ` battles have another vote in the other file; the one that was there first stays.
    """

    rows: dict[str, tuple[int, int]]
    differ: int


class Archive(Erasure):
    """A database as a whole. It knows tables by what the file says, not one by one."""

    @classmethod
    def source(cls, path: str | Path) -> Self:
        """A file to be copied: read only, of this version or an older one. Raises StoreError."""
        return cls._read_only(path, cls._refuse_strangers)

    def copy(self, out: Path, report: Report) -> None:
        """Copy this file, as it is at one moment, to `out`, which is not there; then check that.

        Others may write meanwhile: with a write-ahead log they do not even wait. Raises StoreError
        where either file cannot be read or written, and where the copy is damaged.
        """
        # Under this file's name: whoever reads of damage does not know of the copy.
        target = type(self)._opened(self.path, str(out), True, self.patience, lambda new: None)
        with closing(target), self._lock, self._explained():
            self._connection.execute("BEGIN")
            try:
                # The first read fixes the moment; without it each step might begin anew.
                self._connection.execute("SELECT count(*) FROM sqlite_schema")
                self._connection.backup(
                    target._connection,
                    pages=PAGES,
                    progress=lambda status, left, of: report(of - left, of),
                )
            finally:
                self._connection.rollback()
            target.check()

    def check(self) -> None:
        """Read every page, follow every reference. Raises StoreError where something is wrong."""
        wrong = [row[0] for row in self._read("PRAGMA integrity_check(1)") if row[0] != "ok"]
        wrong += [
            f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there"
            for row in self._read("PRAGMA foreign_key_check")[:1]
        ]
        if wrong:
            raise StoreError(f"{self.path} is damaged ({wrong[0]}): restore a backup")

    def unfit(self) -> str | None:
        """The first id or shown text that may not be stored, in words; None where there is none."""
        checks = [(table, "id", UNFIT_ID) for table in IDS]
        checks += [(table, column, UNFIT_TEXT.format(column)) for table, column in TEXTS]
        for table, column, wrong in checks:
            # As bytes: it may be no UTF-8, and megabytes long.
            row = self._row(
                f"SELECT hex(substr(CAST({column} AS BLOB), 1, 40)) FROM {table} WHERE {wrong}"
            )
            if row:
                text = bytes.fromhex(row[0]).decode("utf-8", "backslashreplace")
                return f"the {column} {text!a} in its table {table}"
        return None

    def merge(self, other: Path, report: Report) -> Merged:
        """Take in all rows of `other`, a file that is up to date, in one transaction.

        A row that is here already, by its key, stays or takes the later of the two states: merging
        the same file again changes nothing.
        """
        self._connection.execute("ATTACH ? AS other", (str(other),))
        try:
            with self.writing():
                self._connection.execute("PRAGMA defer_foreign_keys = ON")
                tables = self._tables("other")
                sizes = {table: self._count("other", table) for table in tables}
                rows, done, total = {}, 0, sum(sizes.values())
                differ = self._row(
                    "SELECT count(*) FROM other.votes o JOIN main.votes m USING (battle)"
                    " WHERE o.choice <> m.choice"
                )[0]
                for table in tables:
                    before = self._count("main", table)
                    self._take(
                        tables[table], lambda n, done=done: report(min(done + n, total), total)
                    )
                    done += sizes[table]
                    rows[table] = (self._count("main", table) - before, sizes[table])
                self._forget_again(self._aliases())
            report(total, total)
            return Merged(rows, differ)
        finally:
            self._connection.execute("DETACH other")

    def _take(self, of: Table, report: Callable[[int], None]) -> None:
        table = of.name
        names = ", ".join(f'"{name}"' for name in of.columns)
        key = ", ".join(f'"{name}"' for name in of.key)
        every = ", ".join(f'"{c}" = excluded."{c}"' for c in of.columns if c not in of.key)
        update = SAME.get(table, "").replace("{all}", every)
        (last,) = self._row(f"SELECT coalesce(max(rowid), 0) FROM other.{table}")
        for start in range(0, last, CHUNK):
            self._write(
                f"INSERT INTO main.{table} ({names}) SELECT {names} FROM other.{table}"
                f" WHERE rowid > ? AND rowid <= ? ON CONFLICT ({key})"
                f" DO {f'UPDATE SET {update}' if update else 'NOTHING'}",
                (start, start + CHUNK),
            )
            report(start + CHUNK)

    def _count(self, schema: str, table: str) -> int:
        return self._row(f"SELECT count(*) FROM {schema}.{table}")[0]
