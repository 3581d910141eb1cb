"""The tables of the arena's database, as migrations in the order in which they came.

All tables are STRICT; ids are text that sorts by time. Times are seconds since 1970 (UTC),
durations are seconds. Where texts are not kept, `system`, `prompt` and `reply` stay NULL.
A released migration is never edited: a change is a new one at the end.
"""

from contextlib import closing

from sqlite_utils import Database, Migrations

migrations = Migrations("arena")


def unknown(db: Database) -> list[str]:
    """Migrations that were applied to this file by a newer version than this one."""
    with closing(Database(memory=True)) as empty:
        known = {migration.name for migration in migrations.pending(empty)}
    return [m.name for m in migrations.applied(db) if m.name not in known]


def foreign(db: Database) -> bool:
    """Whether the file has tables, yet none of ours: it is another program's database."""
    return bool(db.table_names()) and not migrations.applied(db)


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


@migrations()
def m070_counts(db: Database) -> None:
    """How many votes and battles there are, kept by triggers in the transaction that changes them.

    A vote's click and a look at the metrics must not read a million rows. Whoever writes votes (a
    click, a review, an import, a merge, another replica) need not know of the counts.
    """
    db.execute("""
        CREATE TABLE vote_counts (
            source TEXT NOT NULL,
            "left" TEXT NOT NULL,
            "right" TEXT NOT NULL,
            choice TEXT NOT NULL,
            counted INTEGER NOT NULL,
            votes INTEGER NOT NULL,
            PRIMARY KEY (source, "left", "right", choice, counted)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE battle_counts (
            source TEXT NOT NULL,
            status TEXT NOT NULL,
            battles INTEGER NOT NULL,
            PRIMARY KEY (source, status)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        INSERT INTO vote_counts
        SELECT b.source, b."left", b."right", v.choice, v.counted, count(*)
        FROM votes v JOIN battles b ON b.id = v.battle GROUP BY 1, 2, 3, 4, 5""")
    db.execute(
        "INSERT INTO battle_counts SELECT source, status, count(*) FROM battles GROUP BY 1, 2"
    )
    for name, when, changes in (
        ("votes_in", "INSERT ON votes", (_vote_count("NEW", 1),)),
        ("votes_out", "DELETE ON votes", (_vote_count("OLD", -1),)),
        (
            "votes_changed",
            "UPDATE OF choice, counted ON votes",
            (_vote_count("OLD", -1), _vote_count("NEW", 1)),
        ),
        (
            "voted_battles_changed",
            """UPDATE OF source, "left", "right" ON battles
            WHEN (OLD.source, OLD."left", OLD."right") <> (NEW.source, NEW."left", NEW."right")""",
            (_pair_count("OLD", -1), _pair_count("NEW", 1)),
        ),
        ("battles_in", "INSERT ON battles", (_battle_count("NEW", 1),)),
        ("battles_out", "DELETE ON battles", (_battle_count("OLD", -1),)),
        (
            "battles_changed",
            "UPDATE OF source, status ON battles"
            " WHEN (OLD.source, OLD.status) <> (NEW.source, NEW.status)",
            (_battle_count("OLD", -1), _battle_count("NEW", 1)),
        ),
    ):
        body = "; ".join(changes)
        db.execute(f"CREATE TRIGGER count_{name} AFTER {when} BEGIN {body}; END")


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


@migrations()
def m081_history(db: Database) -> None:
    """What a visitor's list of their own chats needs; all of it stays with the conversation's row.

    title: as the visitor renamed it; NULL where the first message is the title. titled: when that
    was. active: when its last message came, kept by a trigger whoever writes turns. deleted: when
    its visitor deleted it: the texts are gone, the row and its counts stay.
    """
    for column in ("title TEXT", "titled REAL", "active REAL NOT NULL DEFAULT 0", "deleted REAL"):
        db.execute(f"ALTER TABLE conversations ADD COLUMN {column}")
    # Old turns have no `opened`.
    db.execute(
        "UPDATE conversations SET active = coalesce("
        "(SELECT max(opened) FROM turns WHERE conversation = conversations.id), created)"
        " WHERE kind = 'chat'"
    )
    db.execute("""
        CREATE TRIGGER conversation_active AFTER INSERT ON turns WHEN NEW.opened IS NOT NULL BEGIN
            UPDATE conversations SET active = NEW.opened
            WHERE id = NEW.conversation AND active < NEW.opened AND kind = 'chat';
        END""")
    # Partial: battles have two conversations each, and none of them is listed.
    db.execute(
        "CREATE INDEX conversations_history ON conversations (visitor, active DESC, id DESC)"
        " WHERE kind = 'chat' AND preview = 0 AND deleted IS NULL AND system IS NOT NULL"
    )
    db.execute("CREATE INDEX conversations_deleted ON conversations (id) WHERE deleted IS NOT NULL")


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


@migrations()
def m084_rating_changes(db: Database) -> None:
    """What a vote that counts did to the ratings of its two contenders when it was cast.

    Each is the rating of the board of that moment, which nobody could compute later without all
    votes of before; NULL for votes that did not count then, and for those of before this column.
    """
    for name in ("left_before", "left_after", "right_before", "right_after"):
        db.execute(f"ALTER TABLE votes ADD COLUMN {name} REAL")


@migrations()
def m085_samples(db: Database) -> None:
    """A contender's newest battles are shown on its page: they are found without reading all."""
    for side in ("left", "right"):
        db.execute(
            f'CREATE INDEX battles_sampled_{side} ON battles ("{side}", created)'
            " WHERE source = 'own' AND status = 'voted'"
        )


@migrations()
def m083_vote_reasons(db: Database) -> None:
    """Why a visitor voted so: reasons about a side, and a comment.

    given: 0 where a reason was taken back; its row stays, so that a merge knows what came last.
    comment: NULL where there is none, and where texts are not kept. reason_counts and reason_givers
    are kept by triggers, of the votes that count: no board must read every reason. A row of theirs
    that comes to 0 goes, and with it the id of a visitor who was forgotten.
    """
    db.execute("""
        CREATE TABLE vote_reasons (
            battle TEXT NOT NULL REFERENCES votes (battle),
            side TEXT NOT NULL CHECK (side IN ('left', 'right')),
            kind TEXT NOT NULL CHECK (kind IN ('good', 'bad')),
            reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 60),
            given INTEGER NOT NULL CHECK (given IN (0, 1)),
            changed REAL NOT NULL,
            PRIMARY KEY (battle, side, kind, reason)
        ) STRICT""")
    db.execute("""
        CREATE TABLE vote_comments (
            battle TEXT PRIMARY KEY REFERENCES votes (battle),
            comment TEXT CHECK (length(comment) BETWEEN 1 AND 1000),
            changed REAL NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE reason_counts (
            source TEXT NOT NULL,
            contender TEXT NOT NULL,
            kind TEXT NOT NULL,
            reason TEXT NOT NULL,
            votes INTEGER NOT NULL,
            PRIMARY KEY (source, contender, kind, reason)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE reason_givers (
            source TEXT NOT NULL,
            contender TEXT NOT NULL,
            visitor TEXT NOT NULL,
            reasons INTEGER NOT NULL,
            PRIMARY KEY (source, contender, visitor)
        ) STRICT, WITHOUT ROWID""")
    for table, count, *key in (
        ("reason_counts", "votes", "source", "contender", "kind", "reason"),
        ("reason_givers", "reasons", "source", "contender", "visitor"),
    ):
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        db.execute(
            f"CREATE TRIGGER {table}_gone AFTER UPDATE ON {table} WHEN NEW.{count} = 0"
            f" BEGIN DELETE FROM {table} WHERE {same}; END"
        )
    for name, when, count in (
        (
            "vote_reasons",
            ("INSERT ON", "DELETE ON", "UPDATE OF given ON"),
            _reasons_of_row,
        ),
        ("votes", ("INSERT ON", "DELETE ON", "UPDATE OF counted ON"), _reasons_of_vote),
        ("battles", ('UPDATE OF source, "left", "right", visitor ON',), _reasons_of_battle),
    ):
        for change in when:
            body = ""
            if not change.startswith("INSERT"):
                body += _reason_counts(*count("OLD"), -1)
            if not change.startswith("DELETE"):
                body += _reason_counts(*count("NEW"), 1)
            verb = change.split()[0].lower()
            db.execute(
                f"CREATE TRIGGER count_reasons_{name}_{verb} AFTER {change} {name} BEGIN {body} END"
            )


def _vote_count(row: str, step: int) -> str:
    """SQL of a trigger on votes: one more, or one less, of the kind of `row`."""
    return f"""
        INSERT INTO vote_counts
        SELECT source, "left", "right", {row}.choice, {row}.counted, {step}
        FROM battles WHERE id = {row}.battle
        ON CONFLICT DO UPDATE SET votes = votes + {step}"""


def _pair_count(row: str, step: int) -> str:
    """The same of a trigger on battles, where the vote stays and its pair is another."""
    return f"""
        INSERT INTO vote_counts
        SELECT {row}.source, {row}."left", {row}."right", choice, counted, {step}
        FROM votes WHERE battle = {row}.id
        ON CONFLICT DO UPDATE SET votes = votes + {step}"""


def _battle_count(row: str, step: int) -> str:
    """SQL of a trigger on battles: one more, or one less, of the state of `row`."""
    return f"""
        INSERT INTO battle_counts VALUES ({row}.source, {row}.status, {step})
        ON CONFLICT DO UPDATE SET battles = battles + {step}"""


def _reasons_of_row(row: str) -> tuple[str, str, str]:
    """What `_reason_counts` is told in a trigger on vote_reasons."""
    return (
        "b",
        row,
        "FROM battles b JOIN votes v ON v.battle = b.id"
        f" WHERE b.id = {row}.battle AND v.counted AND {row}.given",
    )


def _reasons_of_vote(row: str) -> tuple[str, str, str]:
    """The same on votes: all reasons of one."""
    return (
        "b",
        "r",
        "FROM vote_reasons r JOIN battles b ON b.id = r.battle"
        f" WHERE r.battle = {row}.battle AND r.given AND {row}.counted",
    )


def _reasons_of_battle(row: str) -> tuple[str, str, str]:
    """The same on battles, where the reasons stay and who fought, or whose it is, is another."""
    return (
        row,
        "r",
        "FROM vote_reasons r JOIN votes v ON v.battle = r.battle"
        f" WHERE r.battle = {row}.id AND r.given AND v.counted",
    )


def _reason_counts(battle: str, reason: str, rows: str, step: int) -> str:
    """SQL of a trigger: one more, or one less, of each reason that `rows` gives.

    battle, reason: by what name these rows know the battle, and the row of vote_reasons.
    """
    about = f'{battle}.source, iif({reason}.side = \'left\', {battle}."left", {battle}."right")'
    return f"""
        INSERT INTO reason_counts SELECT {about}, {reason}.kind, {reason}.reason, {step} {rows}
        ON CONFLICT DO UPDATE SET votes = votes + {step};
        INSERT INTO reason_givers SELECT {about}, {battle}.visitor, {step} {rows}
        ON CONFLICT DO UPDATE SET reasons = reasons + {step};"""
