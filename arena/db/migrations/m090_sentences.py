"""The draws of a reply that several members wrote, a sentence each."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m090_sentences(db: Database) -> None:
    """Who was drawn for each sentence of a reply, by which chances, and where it begins.

    A JSON list of {"start", "member", "chance", "chances"}, start in characters of the reply; NULL
    where one member wrote it all. `member` and `chance` of the turn are those of the first one.
    """
    db.execute("""
        ALTER TABLE turns ADD COLUMN sentences TEXT CHECK (
            sentences IS NULL OR member IS NOT NULL AND
            iif(json_valid(sentences), json_type(sentences) = 'array', 0)
        )""")
