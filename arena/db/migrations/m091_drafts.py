"""The drafts of which a panel's judge picked or made a reply."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m091_drafts(db: Database) -> None:
    """A row for each draft of a turn, in the order in which the judge read them.

    text: NULL where texts are not kept, as for replies. picked: whether it became the reply. judge,
    how: who had the last word, and how it came to the reply, see `blend.conversation.Selection`.
    The counts are the draft's own; a turn's are those of all its drafts and of its judge.
    """
    db.execute("""
        CREATE TABLE drafts (
            turn TEXT NOT NULL REFERENCES turns (id),
            place INTEGER NOT NULL CHECK (place >= 0),
            member TEXT NOT NULL,
            text TEXT,
            picked INTEGER NOT NULL DEFAULT 0 CHECK (picked IN (0, 1)),
            judge TEXT NOT NULL,
            how TEXT NOT NULL CHECK (how IN ('judged', 'written', 'random', 'only')),
            prompt_tokens INTEGER NOT NULL DEFAULT 0,
            cached_tokens INTEGER NOT NULL DEFAULT 0,
            completion_tokens INTEGER NOT NULL DEFAULT 0,
            cut_turns INTEGER NOT NULL DEFAULT 0,
            finish TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (turn, place)
        ) STRICT, WITHOUT ROWID""")
