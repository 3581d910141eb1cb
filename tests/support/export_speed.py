"""How long the exports of many votes with their words take, and how much memory.

    python -m arena simulate --db votes.db --votes 1000000 --visitors 50000
    python tests/support/export_speed.py votes.db
    python -m arena export --db votes.db --source simulated --texts --for trl --out out

Simulated votes have no words. This gives each of them two conversations of one to three messages
and replies, some with markdown, and prints how many bytes of words there are.
"""

import sys
from contextlib import closing

from sqlite_utils.utils import sqlite3

REPLY = (
    "## Answer {n}\n\nThe {side} side says **this** first, and explains why it holds here.\n\n"
    "- It counts the steps one by one, since the question asks for them.\n"
    "- It names what is not known, and what would have to be measured.\n\n"
    "So the answer is {n}, with a short example behind it that shows how to get there again.\n"
)
SIDES = ("left", "right")


def add_texts(path: str) -> None:
    """Words for every simulated vote of the database that has none."""
    with closing(sqlite3.connect(path)) as db, db:
        for pragma in ("foreign_keys = OFF", "synchronous = OFF"):
            db.execute(f"PRAGMA {pragma}")
        for side in SIDES:
            db.execute(
                "INSERT INTO conversations (id, visitor, contender, kind, system, created)"
                f" SELECT id || '-{side}', visitor, \"{side}\", 'battle', '', created FROM battles"
                f" WHERE source = 'simulated' AND {side}_conversation IS NULL ORDER BY rowid"
            )
        # Both sides of a battle lie beside each other, as they do on a site.
        db.execute(
            "INSERT INTO turns (id, conversation, position, prompt, reply, finished, features)"
            " SELECT b.id || s.value || t.value, b.id || '-' || s.value, t.value,"
            " 'Question ' || b.rowid || '-' || t.value || ': how many steps are there, and why?',"
            " replace(replace(?, '{n}', b.rowid * 7 + t.value), '{side}', s.value), 1, '{}'"
            ' FROM battles b CROSS JOIN json_each(\'["left", "right"]\') s'
            " CROSS JOIN json_each('[0, 1, 2]') t"
            " WHERE b.source = 'simulated' AND b.left_conversation IS NULL"
            " AND t.value < min(max(b.turns, 1), 3) ORDER BY b.rowid, s.key, t.value",
            (REPLY,),
        )
        for side in SIDES:
            db.execute(
                f"UPDATE battles SET {side}_conversation = id || '-{side}'"
                f" WHERE source = 'simulated' AND {side}_conversation IS NULL"
            )
        turns, size = db.execute(
            "SELECT count(*), sum(length(prompt) + length(reply)) FROM turns"
        ).fetchone()
    print(f"{turns:,} turns with {size / 2**20:,.0f} MB of words")


if __name__ == "__main__":
    add_texts(*sys.argv[1:])
