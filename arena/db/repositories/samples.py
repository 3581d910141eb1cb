"""Battles that may be shown to anybody, with what was said: some of a contender's, the newest."""

from dataclasses import dataclass

from arena.db.database import Database
from arena.db.repositories.conversations import Conversations
from arena.models import SampleBattle

LOOKED_AT = 20
"""Battles looked at for each that is shown: some do not count, others have lost their texts."""

NEWEST = """
    WITH newest AS (
        SELECT * FROM (
            SELECT * FROM battles WHERE "left" = :who AND source = 'own' AND status = 'voted'
                AND created < :before ORDER BY created DESC LIMIT :most)
        UNION ALL SELECT * FROM (
            SELECT * FROM battles WHERE "right" = :who AND source = 'own' AND status = 'voted'
                AND created < :before ORDER BY created DESC LIMIT :most)
    )
    SELECT b.visitor, b."left", b."right", b.left_conversation, b.right_conversation,
        v.choice, v.created
    FROM newest b JOIN votes v ON v.battle = b.id JOIN visitors p ON p.id = b.visitor
        JOIN conversations c ON c.id = b.left_conversation
    WHERE v.counted AND v.created < :before AND NOT p.barred
        AND NOT p.private AND c.publishable >= 0
    ORDER BY v.created DESC, b.id"""


@dataclass(frozen=True, slots=True)
class SampleBattles:
    """It only reads; whether anything may be shown at all is the site's rule."""

    db: Database

    def newest(self, contender: str, before: float, most: int) -> list[SampleBattle]:
        """The contender's (id) latest own battles whose vote counts and came before that time, with
        both conversations; without those whose texts are gone, or that are kept private, and
        without who said it."""
        values = {"who": contender, "before": before, "most": most * LOOKED_AT}
        conversations, found = Conversations(self.db), []
        for visitor, left, right, *ids, choice, voted in self.db.query(NEWEST, values):
            sides = [conversations.load(id, visitor) for id in ids]
            if all(side is not None and side.turns for side in sides):
                found.append(SampleBattle((left, right), tuple(sides), choice, voted))
            if len(found) == most:
                break
        return found
