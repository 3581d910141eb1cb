"""Battles that machines played and judged, and what each judge said in both orders."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m092_verdicts(db: Database) -> None:
    """A source of its own, which is never mixed with people's; whether a battle has it never
    changes.

    played: the battle that machines played; each judge of it has a battle here, as its visitor.
    digest: of what the judge is made of.
    opener: a hash of the first message; battles with the same one are one opinion. left_first,
    left_second: the answer where the left side was shown first, and second. What cannot be read
    never counts. SQLite changes no CHECK, so the column is made anew, with the triggers and indexes
    that name it.
    """
    kept = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index')"
        " AND sql LIKE '%source%' AND (type = 'trigger' OR tbl_name = 'battles') ORDER BY rowid"
    ).fetchall()
    for kind, name, _ in kept:
        db.execute(f"DROP {kind} {name}")
    db.execute("ALTER TABLE battles RENAME COLUMN source TO source_before")
    db.execute(
        "ALTER TABLE battles ADD COLUMN source TEXT NOT NULL DEFAULT 'own'"
        " CHECK (source IN ('own', 'named', 'simulated', 'imported', 'judged'))"
    )
    db.execute("UPDATE battles SET source = source_before WHERE source_before <> 'own'")
    db.execute("ALTER TABLE battles DROP COLUMN source_before")
    for *_, sql in kept:
        db.execute(sql)
    answers = "('first', 'second', 'tie', 'unreadable')"
    db.execute(f"""
        CREATE TABLE verdicts (
            battle TEXT PRIMARY KEY REFERENCES battles (id),
            played TEXT NOT NULL,
            judge TEXT NOT NULL,
            digest TEXT NOT NULL,
            opener TEXT NOT NULL,
            left_first TEXT NOT NULL CHECK (left_first IN {answers}),
            left_second TEXT NOT NULL CHECK (left_second IN {answers})
        ) STRICT""")
    judged = "EXISTS (SELECT 1 FROM battles WHERE id = NEW.battle AND source = 'judged')"
    unread = "'unreadable' IN ({0}left_first, {0}left_second)"
    for name, when, why in (
        (
            "battles_judged_for_good",
            "UPDATE OF source ON battles WHEN (OLD.source = 'judged') <> (NEW.source = 'judged')",
            "whether a machine judged a battle never changes",
        ),
        (
            "verdicts_of_judged",
            f"INSERT ON verdicts WHEN NOT {judged}",
            "a verdict is of a battle that a machine judged",
        ),
        ("verdicts_stay", "UPDATE ON verdicts", "a verdict never changes"),
        (
            "verdicts_unreadable",
            f"INSERT ON verdicts WHEN {unread.format('NEW.')}"
            " AND EXISTS (SELECT 1 FROM votes WHERE battle = NEW.battle AND counted)",
            "a verdict that cannot be read never counts",
        ),
        (
            "votes_unreadable_in",
            "INSERT ON votes WHEN NEW.counted AND EXISTS (SELECT 1 FROM verdicts"
            f" WHERE battle = NEW.battle AND {unread.format('')})",
            "a verdict that cannot be read never counts",
        ),
        (
            "votes_unreadable_changed",
            "UPDATE OF counted ON votes WHEN NEW.counted AND EXISTS (SELECT 1 FROM verdicts"
            f" WHERE battle = NEW.battle AND {unread.format('')})",
            "a verdict that cannot be read never counts",
        ),
    ):
        db.execute(f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{why}'); END")
