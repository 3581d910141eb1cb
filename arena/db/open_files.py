"""The files that a database was opened as: what is written to one that was deleted is lost."""

import os
from pathlib import Path

from arena.models import StoreError


class OpenFiles:
    """The database and its write-ahead log, by device and inode; none of them for a file in memory
    or one that is named by a URI."""

    def __init__(self, path: str):
        self.path = path
        names = (os.path.abspath(path), f"{os.path.realpath(path)}-wal")
        plain = not path.startswith("file:") and path != ":memory:"
        self._inodes = {name: inode for name in names if plain and (inode := _inode(name))}

    @property
    def logged(self) -> bool:
        """Whether there is a write-ahead log: then readers and a writer do not wait for another."""
        return len(self._inodes) == 2

    @property
    def uri(self) -> str:
        """The database for a second connection, which must not make it anew."""
        return f"{Path(os.path.realpath(self.path)).as_uri()}?mode=rw"

    def check(self) -> None:
        """Raise StoreError where one of them is another file by now, or gone."""
        for name, inode in self._inodes.items():
            if _inode(name) != inode:
                raise StoreError(
                    f"{self.path} was deleted or replaced while it was open, so nothing can be "
                    "stored: put back what was there, or stop the program and start it anew"
                )


def _inode(path: str) -> tuple[int, int] | None:
    """Which file this is; None where there is none."""
    try:
        file = os.stat(path)
    except OSError:
        return None
    return file.st_dev, file.st_ino
