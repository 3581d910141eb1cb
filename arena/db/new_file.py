"""The database that a command writes: held alone, and a new one is there only when it is whole."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arena.db import file_lock


@contextmanager
def target(db: Path) -> Iterator[Path]:
    """The file to open in the block and to close in it: `db`, or where that is missing a new one.

    The new one gets its name when the block ends well. Raises StoreError while the app holds `db`.
    """
    with file_lock.alone(db):
        if db.exists():
            yield db
            return
        with tempfile.TemporaryDirectory(prefix=".arena-", dir=db.parent) as place:
            made = Path(place, db.name)
            yield made
            os.link(made, db)
