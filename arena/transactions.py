"""A connection that threads share: one transaction at a time, and what SQLite says in words."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlite_utils.utils import sqlite3

from arena.records import DamagedError, RowError, StoreError

MENDS = {  # by SQLite's primary result code
    5: "is locked by another program: close that one, or name another file with --db",
    6: "is locked by another program: close that one, or name another file with --db",
    8: "is read-only: make it writable, or name another file with --db",
    10: "cannot be read or written: check its disk, or name another file with --db",
    11: "is damaged: restore a backup, or name another file with --db",
    13: "has no room left on its disk: free some",
    14: "cannot be opened or made: check its folder's rights, or name another file with --db",
    26: "is not an SQLite database: name another file with --db",
}
KINDS = {19: RowError, 11: DamagedError, 26: DamagedError}


class Transactions:
    """All threads share one connection, one at a time.

    A file that another process has locked is waited for, for `patience` seconds, by SQLite's own
    busy timeout.
    """

    def __init__(
        self, path: str, connection: "sqlite3.Connection", keep_texts: bool, patience: float
    ):
        self.path = path
        self.keep_texts = keep_texts
        self.patience = patience
        self._connection = connection
        self._lock = threading.RLock()
        self._gave_up = float("-inf")
        self._files: dict[str, tuple[int, int] | None] = {}
        self._second: sqlite3.Connection | None = None
        self._looking = threading.Lock()
        with self._explained():
            self._db = sqlite_utils.Database(connection, execute_plugins=False)

    def close(self) -> None:
        """Close the file; calling it twice is harmless. What comes after raises StoreError."""
        with self._lock, self._looking:
            self._connection.close()
            if self._second is not None:
                self._second.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it is on the disk when the block ends, or none of it.

        It may be nested; an inner block that raises undoes only itself. Other threads wait. Raises
        StoreError where the file is another one by now than was opened: what is written to the old
        one is lost.
        """
        asked = time.monotonic()
        with self._lock, self._explained():
            if self._connection.in_transaction:
                with self._db.atomic():
                    yield
                return
            self._begin(asked)
            try:
                self._check_files()
                yield
                self._connection.execute("COMMIT")
                self._check_files()
            except BaseException:
                self._connection.rollback()
                raise

    def can_write(self) -> None:
        """Raise StoreError unless something can be stored now; tried by a write of nothing new."""
        with self.writing():
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            self._connection.execute(f"PRAGMA user_version = {version}")

    def _begin(self, asked: float) -> None:
        if self._gave_up >= asked:  # one has waited in vain meanwhile: those behind it do not
            raise StoreError(f"{self.path} {MENDS[5]}")
        try:
            # Immediate: a lock taken only at the first write could not be waited for.
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            self._gave_up = time.monotonic()
            raise

    def _note_files(self) -> None:
        """Note which files these are; called once they are there."""
        if not self.path.startswith("file:") and self.path != ":memory:":
            real = os.path.realpath(self.path)
            each = (os.path.abspath(self.path), f"{real}-wal")
            self._files = {name: found for name in each if (found := _inode(name))}
            if len(self._files) == 2:
                self._second = self._reader()

    def _check_files(self) -> None:
        for name, found in self._files.items():
            if _inode(name) != found:
                raise StoreError(
                    f"{self.path} was deleted or replaced while it was open, so nothing can be "
                    "stored: put back what was there, or stop the program and start it anew"
                )

    def _read(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple]:
        with self._lock, self._explained():
            return self._connection.execute(sql, values).fetchall()

    def _row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> tuple | None:
        return next(iter(self._read(sql, values)), None)

    def _glance(self, sql: str, values: Sequence[Any] = ()) -> list[tuple]:
        """Rows as of the last commit, by a second connection: a short question need not wait until
        a vote is on the disk. Where there is no write-ahead log, the rows as of now.
        """
        if self._second is None:
            return self._read(sql, values)
        with self._looking, self._explained():
            return self._second.execute(sql, values).fetchall()

    def _aside(self, sql: str, values: Sequence[Any] = ()) -> list[tuple]:
        """The same for a question that takes long, by a connection of its own: nobody waits."""
        if self._second is None:
            return self._read(sql, values)
        with self._explained(), closing(self._reader()) as reader:
            return reader.execute(sql, values).fetchall()

    def _reader(self) -> "sqlite3.Connection":
        self._check_files()
        target = f"{Path(os.path.realpath(self.path)).as_uri()}?mode=rw"  # else it would be made
        return sqlite3.connect(target, timeout=self.patience, check_same_thread=False, uri=True)

    def _write(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Rows changed by one statement, on the disk unless it is within a transaction."""
        with self._lock, self._explained():
            if self._connection.in_transaction:
                return self._connection.execute(sql, values).rowcount
            with self.writing():
                return self._connection.execute(sql, values).rowcount

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explained(self.path, error) from error


def _inode(path: str) -> tuple[int, int] | None:
    """Which file this is; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _code(error: "sqlite3.Error") -> int:
    """SQLite's primary result code; the higher bits only say more precisely the same."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def explained(path: str, error: "sqlite3.Error") -> StoreError:
    """What SQLite says of a file, in one line with the mend."""
    kind = KINDS.get(_code(error), StoreError)
    return kind(f"{path} {MENDS.get(_code(error), f'refuses: {error}')}")
