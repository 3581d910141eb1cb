"""Replicas that exchange whole files."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m080_snapshots(db: Database) -> None:
    """Replicas exchange whole files, and no journal of changes: its triggers and tables go.

    What two replicas can change in turn has the time of its last change: a visitor's bar, the
    verdict on a vote, what its visitor thinks of a reply. expired: texts of before were dropped.
    replication: one row; how often something was deleted here (`purge`), and up to which of these
    it is deleted in the repository as well.
    """
    for name in [trigger.name for trigger in db.triggers if trigger.name.startswith("journal_")]:
        db.execute(f"DROP TRIGGER {name}")
    for part, table, column in (
        ("visitors.barred", "visitors", "barred_at"),
        ("votes", "votes", "judged"),
        ("turns", "turns", "marked"),
    ):
        (key,) = db[table].pks
        db.execute(f"ALTER TABLE {table} ADD COLUMN {column} REAL")
        db.execute(
            f"UPDATE {table} SET {column} = c.at FROM changes c"
            f" WHERE c.part = '{part}' AND c.key = json_array({table}.{key})"
        )
    db.execute("CREATE TABLE expired (cutoff REAL PRIMARY KEY) STRICT")
    db.execute("""
        CREATE TABLE replication (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            purge INTEGER NOT NULL DEFAULT 0,
            purged INTEGER NOT NULL DEFAULT 0
        ) STRICT""")
    db.execute("INSERT INTO replication (one, purge) SELECT 1, purge > covered FROM journal")
    db.execute("DROP TABLE changes")
    db.execute("DROP TABLE journal")
