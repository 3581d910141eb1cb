"""Battles of two contenders that the visitor chose."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m082_named(db: Database) -> None:
    """Battles whose contenders were chosen and named: a source of their own, which no board has.

    What goes by source 'own' leaves them out by itself. Which of the two a battle is never changes,
    and a vote on a named one never counts. SQLite changes no CHECK, so the column is made anew, and
    what names it: triggers and indexes.
    """
    kept = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index')"
        " AND tbl_name IN ('battles', 'votes') AND sql LIKE '%source%'"
    ).fetchall()
    for kind, name, _ in kept:
        db.execute(f"DROP {kind} {name}")
    db.execute("ALTER TABLE battles RENAME COLUMN source TO source_before")
    db.execute(
        "ALTER TABLE battles ADD COLUMN source TEXT NOT NULL DEFAULT 'own'"
        " CHECK (source IN ('own', 'named', 'simulated', 'imported'))"
    )
    db.execute("UPDATE battles SET source = source_before WHERE source_before <> 'own'")
    db.execute("ALTER TABLE battles DROP COLUMN source_before")
    for *_, sql in kept:
        db.execute(sql)
    named = "EXISTS (SELECT 1 FROM battles WHERE id = NEW.battle AND source = 'named')"
    for name, when, why in (
        (
            "battles_named_for_good",
            "UPDATE OF source ON battles WHEN (OLD.source = 'named') <> (NEW.source = 'named')",
            "whether the names of a battle were in view never changes",
        ),
        (
            "votes_named_in",
            f"INSERT ON votes WHEN NEW.counted AND {named}",
            "a vote with the names in view never counts",
        ),
        (
            "votes_named_changed",
            f"UPDATE OF counted ON votes WHEN NEW.counted AND {named}",
            "a vote with the names in view never counts",
        ),
    ):
        db.execute(f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{why}'); END")
