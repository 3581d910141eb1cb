"""Whether a file is a database of this program and of this version."""

from contextlib import closing

from sqlite_utils import Database

from arena.db.migrations import migrations
from arena.models import StoreError


def pending(db: Database) -> list[str]:
    """The migrations that came after this file was written; none when it is up to date."""
    return [migration.name for migration in migrations.pending(db)]


def refuse_others(db: Database, path: str) -> None:
    """Raise StoreError for a file of another program, or of a newer version of this one."""
    applied = [migration.name for migration in migrations.applied(db)]
    with closing(Database(memory=True)) as empty:
        known = pending(empty)
    if newer := [name for name in applied if name not in known]:
        raise StoreError(
            f"{path} was made by a newer version (it has {newer[-1]}): "
            "upgrade, or name another file with --db"
        )
    if db.table_names() and not applied:
        raise StoreError(f"{path} is the database of another program: name another file with --db")


def refuse_older(db: Database, path: str) -> None:
    """Raise StoreError for a file of an older version."""
    if missing := pending(db):
        raise StoreError(
            f"{path} was made by an older version (it lacks {missing[0]}): start app.py "
            f"on it once, or copy it with python -m arena merge {path} --into NEW.db"
        )
