"""One SQLite file: opened, made where it is missing, recognised, brought up to date."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

from sqlite_utils.utils import sqlite3

from arena import schema
from arena.records import StoreError
from arena.transactions import Transactions, explained


def journal(version: tuple[int, int, int]) -> str:
    """The journal mode that is safe: before 3.51.3 two connections can corrupt a WAL database."""
    return "WAL" if version >= (3, 51, 3) else "DELETE"


class Database(Transactions):
    """What `Store` stands on: a file that is surely ours and of this version."""

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
        place = Path(path).resolve()
        target = f"{place.as_uri()}?mode=ro"
        rest = (True, patience, start)
        try:
            return cls._opened(str(path), target, *rest)
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
        return cls._opened(str(path), f"{target}&immutable=1", *rest)

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
            # No isolation level: the transactions are ours.
            connection = sqlite3.connect(
                target,
                timeout=patience,
                isolation_level=None,
                check_same_thread=False,
                uri=target.startswith("file:"),
            )
        except sqlite3.Error as error:
            raise explained(path, error) from error
        store = cls(path, connection, keep_texts, patience)
        try:
            start(store)
        except BaseException:
            store.close()
            raise
        return store

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
            pending = schema.migrations.pending(self._db)
        return [migration.name for migration in pending]

    def _refuse_strangers(self) -> None:
        with self._lock, self._explained():
            newer, foreign = schema.unknown(self._db), schema.foreign(self._db)
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
            self._connection.execute(
                f"PRAGMA journal_mode = {journal(sqlite3.sqlite_version_info)}"
            )
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            # What is overwritten is gone from the file too: texts that are dropped must be.
            self._connection.execute("PRAGMA secure_delete = ON")
            with self.writing():
                schema.migrations.apply(self._db)
                self.can_write()  # a file that cannot be written must fail now
            self._note_files()


def check_place(path: Path) -> None:
    """Raise StoreError where no database file can be."""
    if not path.parent.is_dir():
        raise StoreError(
            f"{path}: there is no folder {path.parent}: make it, or name another file with --db"
        )
    if path.is_dir():
        raise StoreError(f"{path} is a folder: name a file in it with --db")
