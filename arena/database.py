"""One SQLite file behind one locked connection: opened, shared by threads, patient with others."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlite_utils
from sqlite_utils.utils import sqlite3

from arena import schema
from arena.records import RowError, StoreError

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
CONSTRAINT = 19


def journal(version: tuple[int, int, int]) -> str:
    """The journal mode that is safe: before 3.51.3 two connections can corrupt a WAL database."""
    return "WAL" if version >= (3, 51, 3) else "DELETE"


class Database:
    """What `Store` stands on. All threads share one connection, one at a time.

    Other processes may write as well: who finds the file locked tries again at random moments
    (SQLite's own waiting starves one of them) for `patience` seconds.
    """

    def __init__(
        self, path: str, connection: "sqlite3.Connection", keep_texts: bool, patience: float
    ):
        self.path = path
        self.keep_texts = keep_texts
        self.patience = patience
        self._connection = connection
        self._lock = threading.RLock()
        with self._explained():
            self._db = sqlite_utils.Database(connection, execute_plugins=False)

    @classmethod
    def open(cls, path: str | Path, keep_texts: bool = True, patience: float = 5.0) -> Self:
        """Open the file, make it where it is missing, and bring its tables up to date.

        path: a file, or an SQLite URI (`file:...?mode=ro`). keep_texts: whether what is said is
        stored from now on. patience: seconds to wait for other programs. Raises StoreError; a file
        that is refused is left as it was.
        """
        path = str(path)
        if not path.startswith("file:"):
            check_place(Path(path))
        return cls._opened(path, path, keep_texts, patience, cls._prepare)

    @classmethod
    def look(cls, path: str | Path, patience: float = 5.0) -> Self:
        """Open a file that is there, to read it only, whoever else has it open.

        Raises StoreError, also where its tables are not this version's: it is not brought up to
        date, since nothing is written.
        """
        return cls._read_only(path, cls._recognise, patience)

    @classmethod
    def _read_only(
        cls, path: str | Path, start: Callable[[Self], object], patience: float = 5.0
    ) -> Self:
        if not Path(path).is_file():
            raise StoreError(f"there is no database {path}: correct its name")
        target = f"{Path(path).resolve().as_uri()}?mode=ro"
        return cls._opened(str(path), target, True, patience, start)

    @classmethod
    def _opened(
        cls,
        path: str,
        target: str,
        keep_texts: bool,
        patience: float,
        start: Callable[[Self], object],
    ) -> Self:
        try:
            # timeout 0: the waiting is ours. No isolation level: the transactions are ours, too.
            connection = sqlite3.connect(
                target,
                timeout=0,
                isolation_level=None,
                check_same_thread=False,
                uri=target.startswith("file:"),
            )
        except sqlite3.Error as error:
            raise _explained(path, error) from error
        store = cls(path, connection, keep_texts, patience)
        try:
            start(store)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close the file; calling it twice is harmless. What comes after raises StoreError."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it is on the disk when the block ends, or none of it.

        It may be nested; an inner block that raises undoes only itself. Other threads wait.
        """
        with self._lock, self._explained():
            if self._connection.in_transaction:
                with self._db.atomic():
                    yield
                return
            # Immediate: a lock taken only at the first write could not be waited for.
            self._patiently("BEGIN IMMEDIATE")
            try:
                yield
                self._patiently("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def _read(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple]:
        with self._lock, self._explained():
            return self._patiently(sql, values).fetchall()

    def _row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> tuple | None:
        return next(iter(self._read(sql, values)), None)

    def _write(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Rows changed by one statement, which is a transaction unless it is within one."""
        with self._lock, self._explained():
            if self._connection.in_transaction:
                return self._connection.execute(sql, values).rowcount
            with self.writing():
                return self._connection.execute(sql, values).rowcount

    def _patiently(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        return self._while_busy(lambda: self._connection.execute(sql, values))

    def _while_busy(self, attempt: Callable[[], Any]) -> Any:
        start = time.monotonic()
        while True:
            try:
                return attempt()
            except sqlite3.OperationalError as error:
                if _code(error) not in BUSY or time.monotonic() - start >= self.patience:
                    raise
            time.sleep(random.uniform(0.0002, 0.005))

    def _recognise(self) -> None:
        """Refuse a file that was made by another program, or by another version of this one."""
        self._refuse_strangers()
        if missing := self.lacks():
            raise StoreError(
                f"{self.path} was made by an older version (it lacks {missing[0]}): start app.py "
                f"on it once, or copy it with python -m arena merge {self.path} --into NEW.db"
            )

    def lacks(self) -> list[str]:
        """The migrations that came after this file was written; none when it is up to date."""
        with self._lock, self._explained():
            pending = self._while_busy(lambda: schema.migrations.pending(self._db))
        return [migration.name for migration in pending]

    def _refuse_strangers(self) -> None:
        with self._lock, self._explained():
            newer, foreign = self._while_busy(
                lambda: (schema.unknown(self._db), schema.foreign(self._db))
            )
        if newer:
            raise StoreError(
                f"{self.path} was made by a newer version (it has {newer[-1]}): "
                "upgrade, or name another file with --db"
            )
        if foreign:
            raise StoreError(
                f"{self.path} is the database of another program: name another file with --db"
            )

    def _prepare(self) -> None:
        self._refuse_strangers()
        with self._lock, self._explained():
            self._patiently(f"PRAGMA journal_mode = {journal(sqlite3.sqlite_version_info)}")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            # What is overwritten is gone from the file too: texts that are dropped must be.
            self._connection.execute("PRAGMA secure_delete = ON")
            with self.writing():
                schema.migrations.apply(self._db)
                # A write that changes nothing: a file that cannot be written must fail now.
                version = self._connection.execute("PRAGMA user_version").fetchone()[0]
                self._connection.execute(f"PRAGMA user_version = {version}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _explained(self.path, error) from error


def _code(error: "sqlite3.Error") -> int:
    """SQLite's primary result code; the higher bits only say more precisely the same."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _explained(path: str, error: "sqlite3.Error") -> StoreError:
    kind = RowError if _code(error) == CONSTRAINT else StoreError
    return kind(f"{path} {MENDS.get(_code(error), f'refuses: {error}')}")


def check_place(path: Path) -> None:
    """Raise StoreError where no database file can be."""
    if not path.parent.is_dir():
        raise StoreError(
            f"{path}: there is no folder {path.parent}: make it, or name another file with --db"
        )
    if path.is_dir():
        raise StoreError(f"{path} is a folder: name a file in it with --db")
