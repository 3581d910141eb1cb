"""Which migrations there are, and whether a file has others."""

from contextlib import closing

from sqlite_utils import Database, Migrations

migrations = Migrations("arena")


def unknown(db: Database) -> list[str]:
    """Migrations that were applied to this file by a newer version than this one."""
    with closing(Database(memory=True)) as empty:
        known = {migration.name for migration in migrations.pending(empty)}
    return [m.name for m in migrations.applied(db) if m.name not in known]


def foreign(db: Database) -> bool:
    """Whether the file has tables, yet none of ours: it is another program's database."""
    return bool(db.table_names()) and not migrations.applied(db)
