"""Why visitors voted so: reasons about each side, and a comment, beside the vote."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from arena.db.database import Database
from arena.models import Choice, Refused, Side, Source, VoteNotes
from arena.votes.reasons import KINDS

LONGEST_REASON, LONGEST_COMMENT = 60, 1_000
"""Characters; the tables refuse more."""

OWN_VOTE = """
    SELECT b.visitor, v.choice, coalesce(c.put_away, 0) OR EXISTS (
        SELECT 1 FROM battles n
        WHERE n.visitor = b.visitor AND n.created >= b.created AND n.rowid > b.rowid)
    FROM battles b LEFT JOIN votes v ON v.battle = b.id
        LEFT JOIN conversations c ON c.id = b.left_conversation
    WHERE b.id = ?"""

TAKE_BACK = """
    UPDATE vote_reasons SET given = 0, changed = ?
    WHERE battle = ? AND side = ? AND given
        AND (kind <> ? OR reason NOT IN (SELECT value FROM json_each(?)))"""

GIVE = """
    INSERT INTO vote_reasons (battle, side, kind, reason, given, changed)
    VALUES (?, ?, ?, ?, 1, ?)
    ON CONFLICT DO UPDATE SET given = 1, changed = excluded.changed WHERE NOT given"""

COMMENT = """
    INSERT INTO vote_comments (battle, comment, changed) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET comment = excluded.comment, changed = excluded.changed
    WHERE comment IS NOT excluded.comment"""

ReasonCount = tuple[Source, str, str, str, int]
"""A source, a contender's id, "good" or "bad", a reason, and in how many votes it was given."""


@dataclass(frozen=True, slots=True)
class VoteReasons:
    """By the voter alone, about a battle that has its vote, until they begin another one."""

    db: Database

    def give(self, battle: str, visitor: str, side: Side, reasons: Collection[str]) -> None:
        """These are the visitor's reasons about a side from now on. Raises Refused.

        Whether they are reasons of this site is the caller's to check. A reason that was taken back
        keeps its row: a merge must know what came last.
        """
        with self.db.transaction():
            choice, now = self._choice(battle, visitor), self.db.clock()
            if side not in KINDS[choice]:
                raise Refused("refusals.reason_side")
            key = battle, side, KINDS[choice][side]
            self.db.execute(TAKE_BACK, (now, *key, json.dumps([*reasons])))
            self.db.executemany(GIVE, [(*key, reason, now) for reason in reasons])

    def comment(self, battle: str, visitor: str, text: str) -> None:
        """What the visitor says of their vote; an empty text takes it back. Raises Refused.

        Where texts are not kept, nothing is stored.
        """
        if len(text) > LONGEST_COMMENT:
            raise Refused("refusals.comment", most=LONGEST_COMMENT)
        with self.db.transaction():
            self._choice(battle, visitor)
            if self.db.keep_texts:
                self.db.execute(COMMENT, (battle, text or None, self.db.clock()))

    def of(self, battle: str, visitor: str) -> VoteNotes:
        """What this visitor has said of their vote; nothing where the battle is not theirs."""
        own = "battle = (SELECT id FROM battles WHERE id = ? AND visitor = ?)"
        with self.db.locked():
            rows = self.db.query(
                f"SELECT side, reason FROM vote_reasons WHERE {own} AND given"
                " ORDER BY changed, rowid",
                (battle, visitor),
            )
            comment = self.db.query_one(
                f"SELECT comment FROM vote_comments WHERE {own}", (battle, visitor)
            )
        sides: tuple[Side, Side] = ("left", "right")
        reasons = {side: tuple(reason for at, reason in rows if at == side) for side in sides}
        return VoteNotes(reasons, (comment and comment[0]) or "")

    def counts(self) -> tuple[ReasonCount, ...]:
        """How often each reason was given in votes that count; from counts that are kept."""
        rows = self.db.query(
            "SELECT source, contender, kind, reason, votes FROM reason_counts ORDER BY 1, 2, 3, 4"
        )
        return tuple(rows)

    def givers(self, source: Source) -> dict[str, int]:
        """How many visitors gave reasons about each contender, in votes that count."""
        return dict(
            self.db.query(
                "SELECT contender, count(*) FROM reason_givers WHERE source = ? GROUP BY 1",
                (source,),
            )
        )

    def _choice(self, battle: str, visitor: str) -> Choice:
        """What the visitor chose in their latest battle. Raises Refused where it is another."""
        owner, choice, over = self.db.query_one(OWN_VOTE, (battle,)) or (None, None, 0)
        if owner != visitor:
            raise Refused("refusals.reason_foreign")
        if choice is None:
            raise Refused("refusals.reason_early")
        if over:
            raise Refused("refusals.reason_late")
        return choice
