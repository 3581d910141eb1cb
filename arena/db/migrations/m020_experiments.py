"""Experiments and visits, versions of contenders, replicas, battles that were left or retried."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m020_visit_counts(db: Database) -> None:
    """What visitors do on a day besides staying, and when: chats only, without the host's previews.

    replies: that ended by themselves; answered: those answered within 180 s; retries: asked for
    anew; ups, downs: thumbs. These count on the day on which the reply ended. last_act: when the
    visitor last did something. opened, closed: when a turn began and when its reply ended.
    """
    for name in ("conversations", "replies", "answered", "retries", "ups", "downs"):
        column = f"{name} INTEGER NOT NULL DEFAULT 0 CHECK ({name} >= 0)"
        db.execute(f"ALTER TABLE visits ADD COLUMN {column}")
    db.execute("ALTER TABLE visitors ADD COLUMN last_act REAL")
    db.execute("ALTER TABLE turns ADD COLUMN opened REAL")
    db.execute("ALTER TABLE turns ADD COLUMN closed REAL")
    db.execute(
        "ALTER TABLE conversations ADD COLUMN preview INTEGER NOT NULL DEFAULT 0"
        " CHECK (preview IN (0, 1))"
    )


@migrations()
def m021_experiments(db: Database) -> None:
    """Experiments, and who met which arm of them, from the first message on; the first arm stays.

    shares: JSON, share by arm. crossed: the visitor met another arm later, as happens where shares
    are changed under the same name.
    """
    db.execute("""
        CREATE TABLE experiments (
            name TEXT PRIMARY KEY,
            control TEXT NOT NULL,
            shares TEXT NOT NULL,
            source TEXT NOT NULL DEFAULT 'own' CHECK (source IN ('own', 'simulated')),
            created REAL NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE exposures (
            experiment TEXT NOT NULL REFERENCES experiments (name),
            visitor TEXT NOT NULL REFERENCES visitors (id),
            arm TEXT NOT NULL,
            since REAL NOT NULL,
            crossed INTEGER NOT NULL DEFAULT 0 CHECK (crossed IN (0, 1)),
            PRIMARY KEY (experiment, visitor)
        ) STRICT""")
    db.execute("CREATE INDEX exposures_visitor ON exposures (visitor)")


@migrations()
def m030_casts(db: Database) -> None:
    """What the rules look at: when a battle's replies were both complete, by the server's clock,
    and a keyed hash of the network address that the vote came from.

    The index on a visitor's battles tells those of today without reading all of them.
    """
    db.execute("ALTER TABLE battles ADD COLUMN ready REAL")
    db.execute("ALTER TABLE votes ADD COLUMN address TEXT")
    db.execute("CREATE INDEX votes_address ON votes (address, created) WHERE address IS NOT NULL")
    db.execute("DROP INDEX battles_visitor")
    db.execute("CREATE INDEX battles_visitor ON battles (visitor, created)")


@migrations()
def m040_journal(db: Database) -> None:
    """What has changed since it was last kept elsewhere: a host's choice, see `arena.journal`.

    changes: one row for each row that changed while the journal was kept: which part (a table, or a
    column with a stamp of its own), its key as a JSON array, when, and as which change of this file
    (NULL where the row came from elsewhere). journal: one row; `last` is the number of the newest
    change; `repository` has all up to `kept`, its snapshot all up to `covered`; one with all up to
    `purge` is wanted; of the one called `snapshot` all rows are here. replaying: rows come in from
    elsewhere and are no changes of this file.
    """
    db.execute("""
        CREATE TABLE changes (
            part TEXT NOT NULL,
            key TEXT NOT NULL,
            at REAL NOT NULL,
            number INTEGER UNIQUE,
            PRIMARY KEY (part, key)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE journal (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            replaying INTEGER NOT NULL DEFAULT 0 CHECK (replaying IN (0, 1)),
            last INTEGER NOT NULL DEFAULT 0,
            repository TEXT,
            kept INTEGER NOT NULL DEFAULT 0,
            covered INTEGER NOT NULL DEFAULT 0,
            snapshot TEXT,
            purge INTEGER NOT NULL DEFAULT 0
        ) STRICT""")
    db.execute("INSERT INTO journal (one) VALUES (1)")


@migrations()
def m041_forgotten(db: Database) -> None:
    """Visitors whose data was deleted, by the anonymous id that stands for each since then."""
    db.execute("""
        CREATE TABLE forgotten (
            alias TEXT PRIMARY KEY,
            created REAL NOT NULL
        ) STRICT""")


@migrations()
def m060_unfought(db: Database) -> None:
    """Who was drawn how often is told on the board: also by battles that ended without a vote."""
    db.execute(
        'CREATE INDEX battles_unfought ON battles (source, "left", "right")'
        " WHERE status <> 'voted'"
    )


@migrations()
def m055_retries(db: Database) -> None:
    """Which message of a battle was the last that a side was asked once more; 0 for none."""
    db.execute("ALTER TABLE battles ADD COLUMN retried INTEGER NOT NULL DEFAULT 0")


@migrations()
def m056_put_away(db: Database) -> None:
    """Whether the visitor left a conversation for good: a reload does not bring it back."""
    db.execute(
        "ALTER TABLE conversations ADD COLUMN put_away INTEGER NOT NULL DEFAULT 0"
        " CHECK (put_away IN (0, 1))"
    )
