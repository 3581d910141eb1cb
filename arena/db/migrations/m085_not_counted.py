"""The few votes that do not count are found without those that never could."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m085_not_counted(db: Database) -> None:
    """The index of the votes that do not count leaves out those with the names in view.

    They never count, and may be many; each look at whether the board has changed read them all. It
    has every column that such a look asks for, so that no row of the table is read.
    """
    db.execute("DROP INDEX votes_not_counted")
    db.execute(
        "CREATE INDEX votes_not_counted ON votes (created, reason, counted)"
        " WHERE counted = 0 AND reason <> 'named'"
    )
