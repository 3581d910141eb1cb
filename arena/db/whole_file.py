"""A database file as a whole: copied while others write to it, and checked."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from arena.db.database import Database
from arena.models import DamagedError

Report = Callable[[int, int], None]  # is called now and then: how much is done, of how much

PAGES = 2_000  # copied at a time, 8 MB: often enough to show progress, and to be stopped


def copy_file(db: Database, out: Path, report: Report) -> None:
    """Copy the file, as it is at one moment, to `out`, which must not exist; then check the copy.

    Others may write meanwhile: with a write-ahead log they do not even wait. Raises StoreError
    where either file cannot be read or written, and where the copy is damaged.
    """
    # Under this file's name: whoever reads of damage does not know of the copy.
    with closing(Database.open_plain(out, db.path)) as target:
        with db.snapshot():
            # The first read fixes the moment; without it each step might begin anew.
            db.query("SELECT count(*) FROM sqlite_schema")
            db.connection.backup(
                target.connection,
                pages=PAGES,
                progress=lambda status, left, total: report(total - left, total),
            )
        check_file(target)


def check_file(db: Database) -> None:
    """Read every page and follow every reference. Raises DamagedError where something is wrong."""
    faults = [row[0] for row in db.query("PRAGMA integrity_check(1)") if row[0] != "ok"]
    faults += [
        f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there"
        for row in db.query("PRAGMA foreign_key_check")[:1]
    ]
    if faults:
        raise DamagedError(f"{db.path} is damaged ({faults[0]}): restore a backup")
