"""Visitors, contenders, conversations, battles and votes, and what was added to them first."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m001_visitors(db: Database) -> None:
    """Who comes, by an anonymous id, and how long they stayed on each day."""
    db.execute("""
        CREATE TABLE visitors (
            id TEXT PRIMARY KEY,
            first_seen REAL NOT NULL,
            address_hash TEXT,
            barred INTEGER NOT NULL DEFAULT 0 CHECK (barred IN (0, 1))
        ) STRICT""")
    db.execute("""
        CREATE TABLE visits (
            visitor TEXT NOT NULL REFERENCES visitors (id),
            day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
            seconds REAL NOT NULL DEFAULT 0 CHECK (seconds >= 0),
            turns INTEGER NOT NULL DEFAULT 0 CHECK (turns >= 0),
            PRIMARY KEY (visitor, day)
        ) STRICT""")


@migrations()
def m002_contenders(db: Database) -> None:
    """What fights; `config` is JSON, everything that changes its replies."""
    db.execute("""
        CREATE TABLE contenders (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            config TEXT NOT NULL
        ) STRICT""")


@migrations()
def m003_conversations(db: Database) -> None:
    """What was said. A regenerated reply is a row of its own, whose parent it stands for."""
    db.execute("""
        CREATE TABLE conversations (
            id TEXT PRIMARY KEY,
            visitor TEXT NOT NULL REFERENCES visitors (id),
            contender TEXT NOT NULL REFERENCES contenders (id),
            kind TEXT NOT NULL CHECK (kind IN ('chat', 'battle')),
            system TEXT,
            created REAL NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX conversations_visitor ON conversations (visitor)")
    db.execute("""
        CREATE TABLE turns (
            id TEXT PRIMARY KEY,
            conversation TEXT NOT NULL REFERENCES conversations (id),
            position INTEGER NOT NULL CHECK (position >= 0),
            prompt TEXT,
            reply TEXT,
            member TEXT,
            chance REAL CHECK (chance BETWEEN 0 AND 1),
            chances TEXT,
            ahead INTEGER NOT NULL DEFAULT 0 CHECK (ahead IN (0, 1)),
            finished INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),
            finish TEXT NOT NULL DEFAULT '',
            error TEXT,
            ttft_s REAL,
            seconds REAL,
            prompt_tokens INTEGER NOT NULL DEFAULT 0,
            cached_tokens INTEGER NOT NULL DEFAULT 0,
            completion_tokens INTEGER NOT NULL DEFAULT 0,
            cut_turns INTEGER NOT NULL DEFAULT 0,
            features TEXT NOT NULL,
            parent TEXT REFERENCES turns (id),
            undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
            feedback INTEGER CHECK (feedback IN (-1, 1))
        ) STRICT""")
    db.execute("CREATE INDEX turns_conversation ON turns (conversation, position)")


@migrations()
def m004_battles(db: Database) -> None:
    """Who met whom, on which side and how likely that was. Imported battles have no chance."""
    db.execute("""
        CREATE TABLE battles (
            id TEXT PRIMARY KEY,
            visitor TEXT NOT NULL REFERENCES visitors (id),
            "left" TEXT NOT NULL REFERENCES contenders (id),
            "right" TEXT NOT NULL REFERENCES contenders (id) CHECK ("right" <> "left"),
            left_conversation TEXT UNIQUE REFERENCES conversations (id),
            right_conversation TEXT UNIQUE REFERENCES conversations (id),
            pair_chance REAL CHECK (pair_chance > 0 AND pair_chance <= 1),
            policy TEXT NOT NULL,
            status TEXT NOT NULL DEFAULT 'created'
                CHECK (status IN ('created', 'streaming', 'ready', 'voted', 'void')),
            turns INTEGER NOT NULL DEFAULT 0 CHECK (turns >= 0),
            leaked INTEGER NOT NULL DEFAULT 0 CHECK (leaked IN (0, 1)),
            prompt_hash TEXT,
            language TEXT,
            source TEXT NOT NULL DEFAULT 'own' CHECK (source IN ('own', 'simulated', 'imported')),
            void_reason TEXT,
            created REAL NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX battles_visitor ON battles (visitor)")
    # Partial: counting what does not count must not read a million battles that do.
    db.execute("CREATE INDEX battles_void ON battles (source) WHERE status = 'void'")


@migrations()
def m005_votes(db: Database) -> None:
    """One vote a battle: the primary key refuses a second one. Not counted is never deleted."""
    db.execute("""
        CREATE TABLE votes (
            battle TEXT PRIMARY KEY REFERENCES battles (id),
            choice TEXT NOT NULL CHECK (choice IN ('left', 'right', 'tie', 'both_bad')),
            created REAL NOT NULL,
            counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
            reason TEXT NOT NULL,
            rules TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX votes_created ON votes (created)")
    db.execute("CREATE INDEX votes_not_counted ON votes (created) WHERE counted = 0")


@migrations()
def m006_evidence(db: Database) -> None:
    """What rules, slices and style control need, noted with the vote; NULL where it is not known.

    waited: seconds from both replies complete to the vote. watched: seconds from the first token
    of the last pair of replies to the vote. shorter: characters of the shorter of these two.
    prompt_characters: of the first message. The rest: sums over all replies of a side.
    """
    for name in ("waited REAL", "watched REAL", "shorter INTEGER", "prompt_characters INTEGER"):
        db.execute(f"ALTER TABLE votes ADD COLUMN {name}")
    for side in ("left", "right"):
        for mark in ("characters", "headers", "lists", "bold"):
            db.execute(f"ALTER TABLE votes ADD COLUMN {side}_{mark} INTEGER")


@migrations()
def m007_thumbs(db: Database) -> None:
    """Adaptive policies count the thumbs of now and then: few turns have one."""
    db.execute("CREATE INDEX turns_thumbs ON turns (conversation) WHERE feedback IS NOT NULL")
