"""Counts of votes and battles that triggers keep, so that no click reads them all."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


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
