"""One SQLite file and the connection to it, which all threads share."""

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

import sqlite_utils
from sqlite_utils.utils import sqlite3

from arena.db import file_version
from arena.db.migrations import migrations
from arena.db.open_files import OpenFiles
from arena.db.sqlite_errors import LOCKED, check_place, check_there, translate_errors
from arena.models import StoreError

Values = Sequence[Any] | dict[str, Any]


class Database:
    """A connection that threads use one at a time; SQLite's own busy timeout waits for other
    programs, for `patience` seconds.

    clock: seconds since 1970. keep_texts: whether what is said is stored from now on. longest_gap:
    seconds between two acts of a visitor that count at most.
    """

    def __init__(
        self,
        path: str,
        connection: "sqlite3.Connection",
        keep_texts: bool = True,
        patience: float = 5.0,
        clock: Callable[[], float] = time.time,
        longest_gap: float = 300.0,
    ):
        self.path, self.connection = path, connection
        self.keep_texts, self.patience = keep_texts, patience
        self.clock, self.longest_gap = clock, longest_gap
        self._lock = threading.RLock()
        self.merged_rows = 0  # that a merge wrote: no change of this file's own
        self._gave_up = float("-inf")
        self._files = OpenFiles(":memory:")
        with self.locked():
            self.tables = sqlite_utils.Database(connection, execute_plugins=False)

    @classmethod
    def open(cls, path: str | Path, **settings: Any) -> Self:
        """Open the file, make it where it is missing, and bring its tables up to date.

        path: a file, or an SQLite URI (`file:...?mode=ro`). settings: as of the class. Raises
        StoreError; a file that is refused is left as it was.
        """
        path = str(path)
        if not path.startswith("file:"):
            check_place(Path(path))
        return cls._connect(path, path, cls._prepare, **settings)

    @classmethod
    def open_readonly(cls, path: str | Path, older: bool = False) -> Self:
        """Open a file that is there, to read it only, whoever else has it open.

        older: take a file of an older version as well. Raises StoreError where the tables are not
        this version's: nothing is brought up to date, since nothing is written.
        """
        check_there(Path(path))
        place = Path(path).resolve()
        target = f"{place.as_uri()}?mode=ro"

        def start(database: Self) -> None:
            with database.locked():
                file_version.refuse_others(database.tables, database.path)
                if not older:
                    file_version.refuse_older(database.tables, database.path)

        try:
            return cls._connect(str(path), target, start)
        except StoreError:
            if os.access(place.parent, os.W_OK):
                raise
        # SQLite reads a write-ahead log by a file beside it, which cannot be made here. Nobody can
        # write the database either, so where there is no log it is all there is.
        log = Path(f"{place}-wal")
        if log.exists() and log.stat().st_size:
            raise StoreError(
                f"{path} cannot be read in a folder that is read-only, since its newest votes are "
                f"still in {log.name}: copy both to a folder that can be written"
            )
        return cls._connect(str(path), f"{target}&immutable=1", start)

    @classmethod
    def open_plain(cls, path: str | Path, name: str) -> Self:
        """A file as it is: nothing is checked or brought up to date, no reference is followed.
        Errors call it `name`."""
        return cls._connect(name, str(path), lambda database: None)

    @classmethod
    def _connect(
        cls, path: str, target: str, start: Callable[[Self], object], **settings: Any
    ) -> Self:
        with translate_errors(path):
            # No isolation level: the transactions are ours.
            connection = sqlite3.connect(
                target,
                timeout=settings.get("patience", 5.0),
                isolation_level=None,
                check_same_thread=False,
                uri=target.startswith("file:"),
            )
        database = cls(path, connection, **settings)
        try:
            start(database)
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close the file; calling it twice is harmless. What comes after raises StoreError."""
        with self._lock:
            self.connection.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The connection for this thread alone, with SQLite's errors as StoreError."""
        with self._lock, translate_errors(self.path):
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction: all of it is on the disk when the block ends, or none of it.

        It may be nested; an inner block that raises undoes only itself. Other threads wait. Raises
        StoreError where the file is another one by now than was opened: what is written to the old
        one is lost.
        """
        began = time.monotonic()
        with self.locked():
            if self.connection.in_transaction:
                with self.tables.atomic():
                    yield
                return
            self._begin(began)
            try:
                self._files.check()
                yield
                self.connection.execute("COMMIT")
                self._files.check()
            except BaseException:
                self.connection.rollback()
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read in the block is of one moment, whoever else writes."""
        with self.locked():
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self.connection.rollback()

    def query(self, sql: str, values: Values = ()) -> list[tuple]:
        """All rows."""
        with self.locked():
            return self.connection.execute(sql, values).fetchall()

    def query_one(self, sql: str, values: Values = ()) -> tuple | None:
        """The first row, None where there is none."""
        return next(iter(self.query(sql, values)), None)

    def query_apart(self, sql: str, values: Values = ()) -> list[tuple]:
        """All rows of a question that takes long, by a connection of its own: nobody waits. Where
        there is no write-ahead log, by the shared one."""
        if not self._files.logged:
            return self.query(sql, values)
        self._files.check()
        with (
            translate_errors(self.path),
            closing(sqlite3.connect(self._files.uri, timeout=self.patience, uri=True)) as reader,
        ):
            return reader.execute(sql, values).fetchall()

    def execute(self, sql: str, values: Values = ()) -> int:
        """Rows changed by one statement, on the disk unless it is within a transaction."""
        with self._writing():
            return self.connection.execute(sql, values).rowcount

    def executemany(self, sql: str, rows: Iterable[Values]) -> int:
        """The same of one statement for each of these rows, in one transaction."""
        with self._writing():
            return self.connection.executemany(sql, rows).rowcount

    def insert(self, table: str, columns: Collection[str], rows: Iterable[Sequence[Any]]) -> int:
        """How many of these rows are new; one whose key is there already stays as it is."""
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(columns))
        return self.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows
        )

    def check_writable(self) -> None:
        """Raise StoreError unless something can be stored now; tried by a write of nothing new."""
        with self.transaction():
            version = self.connection.execute("PRAGMA user_version").fetchone()[0]
            self.connection.execute(f"PRAGMA user_version = {version}")

    def empty_log(self) -> None:
        """Bring the write-ahead log into the file and empty it: it, too, holds what was deleted."""
        with self.locked():
            if not self.connection.in_transaction:
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def pending_migrations(self) -> list[str]:
        """The migrations that came after this file was written; none when it is up to date."""
        with self.locked():
            return file_version.pending(self.tables)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The transaction that is open, without a savepoint; else one of its own."""
        with self.locked(), nullcontext() if self.connection.in_transaction else self.transaction():
            yield

    def _begin(self, began: float) -> None:
        if self._gave_up >= began:  # one has waited in vain meanwhile: those behind it do not
            raise StoreError(f"{self.path} {LOCKED}")
        try:
            # Immediate: a lock taken only at the first write could not be waited for.
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            self._gave_up = time.monotonic()
            raise

    def _prepare(self) -> None:
        with self.locked():
            file_version.refuse_others(self.tables, self.path)
            mode = journal_mode(sqlite3.sqlite_version_info)
            self.connection.execute(f"PRAGMA journal_mode = {mode}")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")
            # What is overwritten is gone from the file too: texts that are dropped must be.
            self.connection.execute("PRAGMA secure_delete = ON")
            with self.transaction():
                migrations.apply(self.tables)
                self.check_writable()  # a file that cannot be written must fail now
        self._files = OpenFiles(self.path)


def journal_mode(version: tuple[int, int, int]) -> str:
    """The journal mode that is safe: before 3.51.3 two connections can corrupt a WAL database."""
    return "WAL" if version >= (3, 51, 3) else "DELETE"
