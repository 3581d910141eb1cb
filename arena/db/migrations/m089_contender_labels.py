"""What the host says of a contender: its name, and whether it is retired."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m089_contender_labels(db: Database) -> None:
    """A name and a retirement by the host, beside what the roster says.

    A row of its own, with the time of its last change, so that a merge knows what came last. The
    name is written over that of the contender by a trigger: every query finds it there.
    """
    db.execute("""
        CREATE TABLE contender_labels (
            contender TEXT PRIMARY KEY REFERENCES contenders (id),
            name TEXT,
            retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)),
            changed REAL NOT NULL
        ) STRICT""")
    for change in ("INSERT", "UPDATE OF name"):
        db.execute(
            f"CREATE TRIGGER contender_renamed_{change.split()[0].lower()}"
            f" AFTER {change} ON contender_labels WHEN NEW.name IS NOT NULL BEGIN"
            " UPDATE contenders SET name = NEW.name WHERE id = NEW.contender; END"
        )
