"""A connection that threads share and processes take turns at: transactions, alone or together."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlite_utils.utils import sqlite3

from arena.group import Group, Take
from arena.records import DamagedError, RowError, StoreError
from arena.turnstile import Turnstile

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
BUSY = (5, 6)
KINDS = {19: RowError, 11: DamagedError, 26: DamagedError}


class Transactions:
    """All threads share one connection, one at a time.

    Other processes may write as well: they take turns (`arena.turnstile`), and who finds the file
    locked tries again at random moments for `patience` seconds.
    """

    def __init__(
        self,
        path: str,
        connection: "sqlite3.Connection",
        keep_texts: bool,
        patience: float,
        writes: bool = True,
    ):
        self.path = path
        self.keep_texts = keep_texts
        self.patience = patience
        self._connection = connection
        self._lock = threading.RLock()
        self._writer: int | None = None
        self._gave_up = float("-inf")
        self._files: dict[str, tuple[int, int] | None] = {}
        self._second: sqlite3.Connection | None = None
        self._looking = threading.Lock()
        # Only a plain file has room beside it for the lock; nobody else writes to one in memory.
        alone = not writes or path.startswith("file:") or path == ":memory:"
        self._turnstile = None if alone else Turnstile(path)
        self._group = Group(self._round)
        with self._explained():
            self._db = sqlite_utils.Database(connection, execute_plugins=False)

    def close(self) -> None:
        """Close the file; calling it twice is harmless. What comes after raises StoreError."""
        with self._lock:
            self._connection.close()
            if self._second is not None:
                self._second.close()
            if self._turnstile is not None:
                self._turnstile.close()

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
            self._writer = threading.get_ident()
            try:
                self._check_files()
                yield
                self._patiently("COMMIT")
                self._check_files()
            except BaseException:
                self._connection.rollback()
                raise
            finally:
                self._writer = None

    def together(self, work: Callable[[], Any]) -> Any:
        """What `work` returns, once what it wrote is on the disk, with what other threads wrote.

        Like `with writing()` for one, but many at once share a transaction, and so the wait for
        the disk: each is undone alone if it raises. Within a transaction of its own thread the
        work is part of that one.
        """
        if self._writer == threading.get_ident():
            with self.writing():
                return work()
        return self._group.run(work)

    def _round(self, take: Take) -> None:
        with self.writing():
            for task in take():
                self._connection.execute("SAVEPOINT task")
                try:
                    with self._explained():
                        task.result = task.work()
                except Exception as error:
                    if not self._connection.in_transaction:
                        raise  # a full disk, say, has undone all of it
                    task.error = error
                    self._connection.execute("ROLLBACK TO task")
                self._connection.execute("RELEASE task")

    def can_write(self) -> None:
        """Raise StoreError unless something can be stored now; tried by a write of nothing new."""
        with self.writing():
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            self._connection.execute(f"PRAGMA user_version = {version}")

    def _begin(self, asked: float) -> None:
        # Immediate: a lock taken only at the first write could not be waited for.
        if self._turnstile is None:
            self._patiently("BEGIN IMMEDIATE", asked=asked)
        else:
            until = self._until(asked)
            with self._turnstile.at_the_door(until):
                self._while_busy(lambda: self._connection.execute("BEGIN IMMEDIATE"), until)

    def _note_files(self) -> None:
        """Note which files these are; called once they are there."""
        if self._turnstile is not None:
            real = os.path.realpath(self.path)
            each = (os.path.abspath(self.path), f"{real}-wal")
            self._files = {name: found for name in each if (found := _inode(name))}

    def _check_files(self) -> None:
        for name, found in self._files.items():
            if _inode(name) != found:
                raise StoreError(
                    f"{self.path} was deleted or replaced while it was open, so nothing can be "
                    "stored: put back what was there, or stop the program and start it anew"
                )

    def _read(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple]:
        if self._writer == threading.get_ident():  # its transaction has the file, and explains
            return self._connection.execute(sql, values).fetchall()
        asked = time.monotonic()
        with self._lock, self._explained():
            return self._patiently(sql, values, asked).fetchall()

    def _row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> tuple | None:
        return next(iter(self._read(sql, values)), None)

    def _glance(self, sql: str, values: Sequence[Any] = ()) -> list[tuple]:
        """Rows as of the last commit, by a second connection that waits for no transaction.

        Where the file does not let readers in beside a writer (WAL does), and for a thread that
        writes, the rows as of now.
        """
        if self._writer == threading.get_ident() or not self._beside():
            return self._read(sql, values)
        with self._looking, self._explained():
            return self._while_busy(lambda: self._second.execute(sql, values).fetchall())

    def _aside(self, sql: str, values: Sequence[Any] = ()) -> list[tuple]:
        """The same for a question that takes long, by a connection of its own: nobody waits."""
        if self._writer == threading.get_ident() or not self._beside():
            return self._read(sql, values)
        with self._explained(), closing(self._reader()) as reader:
            return self._while_busy(lambda: reader.execute(sql, values).fetchall())

    def _beside(self) -> bool:
        """Whether there is a second connection; it is made at the first question for it."""
        if self._second is None and self._turnstile is not None:
            with self._lock:
                wal = self._read("PRAGMA journal_mode") == [("wal",)]
                if wal and self._second is None:
                    self._second = self._reader()
        return self._second is not None

    def _reader(self) -> "sqlite3.Connection":
        self._check_files()
        target = f"{Path(os.path.realpath(self.path)).as_uri()}?mode=rw"  # else it would be made
        reader = sqlite3.connect(
            target, timeout=0, isolation_level=None, check_same_thread=False, uri=True
        )
        reader.execute("PRAGMA query_only = 1")
        return reader

    def _write(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Rows changed by one statement, on the disk unless it is within a transaction."""
        if self._writer == threading.get_ident():
            with self._explained():
                return self._connection.execute(sql, values).rowcount
        return self.together(lambda: self._connection.execute(sql, values).rowcount)

    def _patiently(
        self, sql: str, values: Sequence[Any] | dict[str, Any] = (), asked: float | None = None
    ) -> Any:
        until = None if asked is None else self._until(asked)
        return self._while_busy(lambda: self._connection.execute(sql, values), until)

    def _until(self, asked: float) -> float:
        """Until when to try, for who asked then. One waits; those behind it are told with it."""
        now = time.monotonic()
        return now if self._gave_up >= asked else now + self.patience

    def _while_busy(self, attempt: Callable[[], Any], until: float | None = None) -> Any:
        until = time.monotonic() + self.patience if until is None else until
        while True:
            try:
                return attempt()
            except sqlite3.OperationalError as error:
                if _code(error) not in BUSY:
                    raise
                if time.monotonic() >= until:
                    self._gave_up = time.monotonic()
                    raise
            time.sleep(random.uniform(0.00005, 0.0002))

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
