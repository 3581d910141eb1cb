"""Reasons for a thumb, beside it in the row of its turn."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


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
