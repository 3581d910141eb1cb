"""Which conversations may be published, who keeps theirs private, and what was published."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m088_publication(db: Database) -> None:
    """Consent is a fact of the row, noted when the conversation is opened and only ever taken back.

    publishable: 1 where the page said that conversations may be published and the visitor did not
    keep it private; 0 where not; -1 where its visitor says that something private is in it.
    private: whether a visitor keeps all of theirs private, private_at: since the last change of
    that. published: which conversations each version of a data set was made of; a row stays when
    the version is deleted, for others may have copied it.
    """
    db.execute(
        "ALTER TABLE conversations ADD COLUMN publishable INTEGER NOT NULL DEFAULT 0"
        " CHECK (publishable IN (-1, 0, 1))"
    )
    db.execute(
        "ALTER TABLE visitors ADD COLUMN private INTEGER NOT NULL DEFAULT 0"
        " CHECK (private IN (0, 1))"
    )
    db.execute("ALTER TABLE visitors ADD COLUMN private_at REAL")
    db.execute("""
        CREATE TRIGGER conversations_publishable BEFORE UPDATE OF publishable ON conversations
        WHEN NEW.publishable > OLD.publishable BEGIN
            SELECT RAISE(ABORT, 'what may not be published never may be later');
        END""")
    db.execute("""
        CREATE TABLE published (
            repository TEXT NOT NULL,
            version INTEGER NOT NULL CHECK (version > 0),
            conversation TEXT NOT NULL REFERENCES conversations (id),
            PRIMARY KEY (repository, version, conversation)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX published_conversation ON published (conversation)")
