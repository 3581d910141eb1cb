"""What SQLite says of a file, in one line that names the file and the mend."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils.utils import sqlite3

from arena.models import DamagedError, RowError, StoreError

LOCKED = "is locked by another program: close that one, or name another file with --db"
MENDS = {  # by SQLite's primary result code
    5: LOCKED,
    6: LOCKED,
    8: "is read-only: make it writable, or name another file with --db",
    10: "cannot be read or written: check its disk, or name another file with --db",
    11: "is damaged: restore a backup, or name another file with --db",
    13: "has no room left on its disk: free some",
    14: "cannot be opened or made: check its folder's rights, or name another file with --db",
    26: "is not an SQLite database: name another file with --db",
}
ERRORS = {19: RowError, 11: DamagedError, 26: DamagedError}


@contextmanager
def translate_errors(path: str) -> Iterator[None]:
    """Raise what SQLite raises in the block as a StoreError about the file at `path`."""
    try:
        yield
    except sqlite3.Error as error:
        # The higher bits of a result code only say the same more precisely.
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        kind = ERRORS.get(code, StoreError)
        raise kind(f"{path} {MENDS.get(code, f'refuses: {error}')}") from error


def check_place(path: Path) -> None:
    """Raise StoreError where no database file can be."""
    if not path.parent.is_dir():
        raise StoreError(
            f"{path}: there is no folder {path.parent}: make it, or name another file with --db"
        )
    if path.is_dir():
        raise StoreError(f"{path} is a folder: name a file in it with --db")


def check_there(path: Path) -> None:
    """Raise StoreError where there is no file of this name."""
    if not path.is_file():
        raise StoreError(f"there is no database {path}: correct its name")
