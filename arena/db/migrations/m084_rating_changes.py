"""What a vote did to the ratings; how a contender's newest battles are found."""

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
