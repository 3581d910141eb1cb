"""What a vote did to the ratings; indexes of samples and of other votes; reasons for a thumb."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


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
def m085_not_counted(db: Database) -> None:
    """The index of the votes that do not count leaves out those with the names in view.

    They never count, and may be many; each look at whether the board has changed read them all. It
    has every column that such a look asks for, so that no row of the table is read.
    """
    db.execute("DROP INDEX votes_not_counted")
    db.execute(
        "CREATE INDEX votes_not_counted ON votes (created, reason, counted)"
        " WHERE counted = 0 AND reason <> 'named'"
    )


@migrations()
def m086_thumb_reasons(db: Database) -> None:
    """Why a visitor gave a thumb: a JSON list of reasons, NULL where there are none.

    They are in the row of the thumb, so that it goes nowhere without them, and a merge takes both
    by the same `marked`.
    """
    db.execute("""
        ALTER TABLE turns ADD COLUMN feedback_reasons TEXT CHECK (
            feedback_reasons IS NULL OR feedback IS NOT NULL AND
            iif(json_valid(feedback_reasons), json_type(feedback_reasons) = 'array', 0)
        )""")
