"""Reasons for votes, comments on them, and counts of the reasons that triggers keep."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


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
