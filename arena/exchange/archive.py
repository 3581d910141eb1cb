"""Whole database files: copied while they are in use, checked, and merged into one another."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from arena.db.database import Database
from arena.db.introspection import Table, tables
from arena.db.repositories.erasure import Erasure
from arena.models import STALLED, DamagedError, RowError

Report = Callable[[int, int], None]  # is told now and then how much of how much is done

PAGES = 2_000  # that are copied at a time, 8 MB: often enough to show progress, and to be stopped

IDS = ("visitors", "contenders", "conversations", "battles", "turns")  # other rows name their `id`
TEXTS = (("contenders", "name"), ("battles", "language"), ("votes", "reason"))  # that are shown
OBJECTS = (  # columns that hold a JSON object: SQLite reads into them
    ("contenders", "config"),
    ("turns", "features"),
    ("turns", "chances"),
    ("experiments", "shares"),
)

UNFIT_ID = (
    "(id GLOB '*[^A-Za-z0-9_.-]*' OR instr(id, char(0)) > 0 OR length(CAST(id AS BLOB)) NOT BETWEEN"
    " 1 AND 64)"
)
"""Ids that are not stored: all but 1 to 64 ASCII letters, digits and `_` `.` `-`."""

UNFIT_TEXT = (
    "({0} GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || char(65533)"
    " || ']*' OR instr({0}, char(0)) > 0 OR length(CAST({0} AS BLOB)) > 1000)"
)
"""Control characters, what is no UTF-8 (SQLite reads it as character 65533), and too long ones."""

UNFIT_OBJECT = "iif(json_valid({0}), json_type({0}) <> 'object', {0} IS NOT NULL)"

UNFIT = (
    *((table, "id", UNFIT_ID) for table in IDS),
    *((table, column, UNFIT_TEXT.format(column)) for table, column in TEXTS),
    *((table, column, UNFIT_OBJECT.format(column)) for table, column in OBJECTS),
)
"""Table, column, and the condition under which a row may not be stored."""

RANKS = {
    "votes": "-{0}.created, coalesce({0}.judged, 0)",
    "battles": (
        "{0}.status = 'voted', {0}.turns, {0}.retried,"
        " instr('created streaming ready void', {0}.status),"
        f" {{0}}.leaked, {{0}}.void_reason IS NOT '{STALLED}'"
    ),
    "conversations": "{0}.put_away, {0}.system IS NOT NULL",
    "turns": (
        "{0}.finished, {0}.error IS NOT NULL, {0}.closed IS NOT NULL, coalesce({0}.marked, 0),"
        " {0}.undone, {0}.prompt IS NOT NULL"
    ),
    "visits": "{0}.seconds, {0}.turns",
}
"""Which of two states of a row is the later one, by table: the first vote stays, a battle never
goes back. Void is the end of a battle unless a side is asked once more, which `retried` tells; the
next message makes a ready one stream again, which `turns` tells. Texts that one file does not keep
stay in another."""

_NEWER_BAR = "(coalesce(excluded.barred_at, 0), excluded.barred) > (coalesce(barred_at, 0), barred)"
_OLDER_ARM = "(excluded.since, excluded.arm) < (since, arm)"
COLUMNS = {
    "visitors": (
        "first_seen = min(first_seen, excluded.first_seen),"
        " last_act = nullif(max(coalesce(last_act, 0), coalesce(excluded.last_act, 0)), 0),"
        " address_hash = coalesce(address_hash, excluded.address_hash),"
        f" barred = iif({_NEWER_BAR}, excluded.barred, barred),"
        f" barred_at = iif({_NEWER_BAR}, excluded.barred_at, barred_at)"
    ),
    "exposures": (
        "crossed = max(crossed, excluded.crossed, arm <> excluded.arm),"
        f" arm = iif({_OLDER_ARM}, excluded.arm, arm), since = min(since, excluded.since)"
    ),
    "experiments": "created = min(created, excluded.created)",
    "forgotten": "created = min(created, excluded.created)",
}
"""Tables whose columns change apart from one another: a host's bar is told apart from visits. In
tables that are named nowhere the row that is here stays."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: rows by table as (new, of how many), and votes that contradict.

    `differ` battles have another vote in the other file; of the two the earlier one stays.
    """

    rows: dict[str, tuple[int, int]]
    differ: int


@dataclass(frozen=True, slots=True)
class Archive:
    """A database as a whole. It knows tables by what the file says, not one by one."""

    db: Database

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """See `Database.open`."""
        return cls(Database.open(path))

    @classmethod
    def open_readonly(cls, path: str | Path) -> Self:
        """See `Database.open_readonly`."""
        return cls(Database.open_readonly(path))

    @classmethod
    def source(cls, path: str | Path) -> Self:
        """A file to be copied: read only, of this version or an older one. Raises StoreError."""
        return cls(Database.open_readonly(path, older=True))

    def close(self) -> None:
        """Close the file; calling it twice is harmless."""
        self.db.close()

    def copy(self, out: Path, report: Report) -> None:
        """Copy this file, as it is at one moment, to `out`, which is not there; then check that.

        Others may write meanwhile: with a write-ahead log they do not even wait. Raises StoreError
        where either file cannot be read or written, and where the copy is damaged.
        """
        # Under this file's name: whoever reads of damage does not know of the copy.
        with closing(Database.open_plain(out, self.db.path)) as target:
            with self.db.snapshot():
                # The first read fixes the moment; without it each step might begin anew.
                self.db.query("SELECT count(*) FROM sqlite_schema")
                self.db.connection.backup(
                    target.connection,
                    pages=PAGES,
                    progress=lambda status, left, of: report(of - left, of),
                )
            Archive(target).check()

    def check(self) -> None:
        """Read every page, follow every reference. Raises StoreError where something is wrong."""
        wrong = [row[0] for row in self.db.query("PRAGMA integrity_check(1)") if row[0] != "ok"]
        wrong += [
            f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there"
            for row in self.db.query("PRAGMA foreign_key_check")[:1]
        ]
        if wrong:
            raise DamagedError(f"{self.db.path} is damaged ({wrong[0]}): restore a backup")

    def unfit(self) -> str | None:
        """The first id or shown text that may not be stored, in words; None where there is none."""
        for table, column, wrong in UNFIT:
            # As bytes: it may be no UTF-8, and megabytes long.
            row = self.db.query_one(
                f"SELECT hex(substr(CAST({column} AS BLOB), 1, 40)) FROM {table} WHERE {wrong}"
            )
            if row:
                text = bytes.fromhex(row[0]).decode("utf-8", "backslashreplace")
                return f"the {column} {text!a} in its table {table}"
        return None

    def snapshot(self, out: Path) -> None:
        """A whole copy of the file in `out`, which is not there, with nothing that was deleted.

        Without texts where none are to be kept.
        """
        self.db.query_apart("VACUUM INTO ?", (str(out),))  # nobody who writes meanwhile has to wait
        if not self.db.keep_texts:
            with closing(Database.open_plain(out, self.db.path)) as copy:
                if Erasure(copy).drop_texts():
                    copy.query("VACUUM")

    def take(self, other: Path) -> None:
        """Merge a file that came from elsewhere, and is changed by that, into this one in use.

        Raises DamagedError where it cannot be used, StoreError where it is of a newer version.
        """
        with closing(Archive.open(other)) as copy:
            copy.check()
            if wrong := copy.unfit():
                raise DamagedError(f"{other} has what may not be stored: {wrong}")
        with closing(Database.open_plain(other, self.db.path)) as copy:
            _leave_out(copy, self.db.path)
        try:
            self.merge(other, lambda done, of: None)
        except RowError as error:
            raise DamagedError(str(error)) from error

    def empty(self) -> bool:
        """Whether there is no row of the arena's in this file."""
        return not any(
            self.db.query_one(f"SELECT EXISTS (SELECT 1 FROM {t})")[0] for t in tables(self.db)
        )

    def changes(self) -> tuple[int, int]:
        """Another value after whatever was written here, but for what a merge brought."""
        with self.db.locked():
            (others,) = self.db.query_one("PRAGMA data_version")
            return self.db.connection.total_changes - self.db.merged_rows, others

    def purge(self) -> tuple[int, int]:
        """How often something was deleted here, and up to which of these elsewhere as well."""
        return self.db.query_one("SELECT purge, purged FROM replication")

    def purged(self, number: int) -> None:
        """Note that what was deleted up to that number is nowhere else either; it is no change."""
        with self.db.locked():
            self.db.merged_rows += self.db.execute(
                "UPDATE replication SET purged = max(purged, ?)", (number,)
            )

    def merge(self, other: Path, report: Report) -> Merged:
        """Take in all rows of `other`, a file that is up to date, in one transaction.

        Of a row that both have, by its key, the later state stays: files may be merged in any
        order, any number of times. What was deleted here or there is not in it afterwards.
        """
        with self.db.locked():
            self.db.query("ATTACH ? AS other", (str(other),))
            try:
                with self.db.transaction():
                    before = self.db.connection.total_changes
                    (differ,) = self.db.query_one(
                        "SELECT count(*) FROM other.votes o JOIN main.votes m USING (battle)"
                        " WHERE o.choice <> m.choice"
                    )
                    rows = self._merge(report)
                    deleted = Erasure(self.db).repeat()
                    self.db.merged_rows += self.db.connection.total_changes - before
            finally:
                self.db.query("DETACH other")
            if deleted:
                self.db.empty_log()
            return Merged(rows, differ)

    def _merge(self, report: Report) -> dict[str, tuple[int, int]]:
        """How many rows of each table are new, and of how many."""
        self.db.query("PRAGMA defer_foreign_keys = ON")
        others = tables(self.db).values()
        sizes = {table.name: self._rows("other", table.name) for table in others}
        new, done = {}, 0
        for table in others:
            name, names, before = table.name, listed(table.columns), self._rows("main", table.name)
            self.db.execute(
                f"INSERT INTO main.{name} ({names}) SELECT {names} FROM other.{name} WHERE true"
                f" {upsert(table)}"
            )
            new[name] = (self._rows("main", name) - before, sizes[name])
            done += sizes[name]
            report(done, sum(sizes.values()))
        return new

    def _rows(self, schema: str, table: str) -> int:
        return self.db.query_one(f"SELECT count(*) FROM {schema}.{table}")[0]


def _leave_out(copy: Database, here: str) -> None:
    """Delete each row of `copy` that the file `here` has just so. It is only read: nobody waits."""
    copy.query("ATTACH ? AS here", (here,))
    for name, columns, _ in tables(copy).values():
        same = " AND ".join(f'x."{column}" IS t."{column}"' for column in columns)
        copy.query(
            f"DELETE FROM main.{name} AS t WHERE EXISTS (SELECT 1 FROM here.{name} x WHERE {same})"
        )
    copy.query("DETACH here")


def upsert(of: Table) -> str:
    """What becomes of a row of this table that is here already, as the end of an INSERT."""
    update = COLUMNS.get(of.name)
    if of.name in RANKS:
        update = ", ".join(f'"{name}" = excluded."{name}"' for name in of.columns)
        # The last word has the whole row: every order of merging ends alike.
        here, new = (
            f"({RANKS[of.name].format(side)}, json_array({listed(of.columns, side)}))"
            for side in (of.name, "excluded")
        )
        update += f" WHERE {new} > {here}"
    return f"ON CONFLICT ({listed(of.key)}) DO {f'UPDATE SET {update}' if update else 'NOTHING'}"


def listed(columns: Iterable[str], of: str = "") -> str:
    """Columns as SQL names them."""
    return ", ".join(f'{of and of + "."}"{name}"' for name in columns)
