"""Who may write to a database file: the site while it runs, or one command, never both at once."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from arena.db.sqlite_errors import check_place
from arena.models import StoreError


@contextmanager
def site(path: str | Path) -> Iterator[None]:
    """Hold the file for a running site. Raises StoreError while another site runs on it."""
    with shared(path), _beside(path, ".site") as handle:
        if not _acquire(handle, fcntl.LOCK_EX):
            raise StoreError(
                f"another app holds {path}: stop that one, or name another file with --db"
            )
        yield


@contextmanager
def shared(path: str | Path) -> Iterator[None]:
    """Hold the file for what may go on beside a running site. Raises StoreError while a command
    writes to it, or where its folder cannot be written."""
    with _beside(path, ".lock") as handle:
        if not _acquire(handle, fcntl.LOCK_SH):
            raise StoreError(f"{path} is being written by a command: wait until that one ends")
        yield


@contextmanager
def exclusive(path: str | Path) -> Iterator[None]:
    """Hold the file for a command that writes. Raises StoreError while anybody else holds it."""
    with _beside(path, ".lock") as handle:
        if not _acquire(handle, fcntl.LOCK_EX):
            if not _acquire(handle, fcntl.LOCK_SH):
                raise StoreError(f"{path} is being written by another command: wait until it ends")
            raise StoreError(
                f"the app holds {path}: stop it, or work on a copy, "
                f"as made by python -m arena backup --db {path} --out COPY.db"
            )
        yield


@contextmanager
def write_target(db: Path) -> Iterator[Path]:
    """The file for a command to open in the block and to close in it: `db`, held exclusively, or
    where that is missing a new one, which gets its name when the block ends well."""
    with exclusive(db):
        if db.exists():
            yield db
            return
        with tempfile.TemporaryDirectory(prefix=".arena-", dir=db.parent) as place:
            new = Path(place, db.name)
            yield new
            os.link(new, db)


@contextmanager
def _beside(path: str | Path, end: str) -> Iterator[int]:
    """A handle on a lock's file, which lies beside the database and stays there, empty.

    Not on the database itself: closing a second handle on that drops SQLite's own locks. The
    kernel lets go of a lock when its process ends, however it ends.
    """
    name = str(path)
    place = Path(unquote(urlsplit(name).path) if name.startswith("file:") else name)
    check_place(place)
    try:
        handle = os.open(f"{place.resolve()}{end}", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise StoreError(
            f"{path}{end} cannot be made ({error.strerror}): correct the rights of its folder, "
            "or name another file"
        ) from None
    try:
        yield handle
    finally:
        os.close(handle)


def _acquire(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
