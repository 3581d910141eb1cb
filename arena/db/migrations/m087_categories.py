"""The categories of each battle's first message."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m087_categories(db: Database) -> None:
    """Which categories the first message of a battle has, by which rules, and since when.

    tags: a JSON list of names; empty where no category fits, NULL where nobody looked, or no text
    was there to look at. They lie in the battle's own row, which a board reads anyway: at a
    million votes a table of its own would be a million more look-ups. tag_changes counts the votes
    whose battles got other tags afterwards: who keeps votes in memory sees that they must be read
    anew.
    """
    db.execute(
        "ALTER TABLE battles ADD COLUMN tags TEXT"
        " CHECK (iif(json_valid(tags), json_type(tags) = 'array', tags IS NULL))"
    )
    db.execute("ALTER TABLE battles ADD COLUMN tag_rules TEXT")
    db.execute("ALTER TABLE battles ADD COLUMN tag_time REAL")
    db.execute("CREATE TABLE tag_changes (votes INTEGER NOT NULL) STRICT")
    db.execute("INSERT INTO tag_changes VALUES (0)")
    db.execute(
        "CREATE TRIGGER count_tag_changes AFTER UPDATE OF tags ON battles"
        " WHEN NEW.status = 'voted' AND OLD.tags IS NOT NEW.tags"
        " BEGIN UPDATE tag_changes SET votes = votes + 1; END"
    )
