"""The log of draws: what visitors said of each member, and every turn with its chances."""

import json
from collections.abc import Collection

from arena.database import Database
from blend.thompson import Merit


class Log(Database):
    """What policies are fed with, and judged by. It only reads."""

    def merits(self, contenders: Collection[str]) -> dict[str, Merit]:
        """Good and bad of each member that wrote for these contenders (ids): thumbs and votes.

        A thumb is one. A counted vote of a battle is one for each side that is among them, shared
        by the members that wrote its replies, each by its share of them: a win is good, a loss and
        "both bad" are bad, a tie is half of each.
        """
        ids = json.dumps(sorted(contenders))
        with self._lock:
            said = self._read(THUMBS, (ids,)) + self._read(VOTES, (ids,))
        counts: dict[str, list[float]] = {}
        for member, good, of in said:
            count = counts.setdefault(member, [0.0, 0.0])
            count[0] += good
            count[1] += of - good
        return {member: Merit(*count) for member, count in counts.items()}


THUMBS = """
    SELECT t.member, sum(t.feedback = 1), count(*)
    FROM turns t JOIN conversations c ON c.id = t.conversation
    WHERE t.feedback IS NOT NULL AND t.member IS NOT NULL
        AND c.contender IN (SELECT value FROM json_each(?))
    GROUP BY t.member"""

VOTES = """
    WITH sides AS (
        SELECT b.left_conversation AS id, v.choice = 'left' AS won, v.choice = 'tie' AS tied
        FROM votes v JOIN battles b ON b.id = v.battle WHERE v.counted
        UNION ALL
        SELECT b.right_conversation, v.choice = 'right', v.choice = 'tie'
        FROM votes v JOIN battles b ON b.id = v.battle WHERE v.counted
    ), parts AS (
        SELECT t.member, s.won + s.tied / 2.0 AS score,
            1.0 / count(*) OVER (PARTITION BY s.id) AS part
        FROM sides s JOIN conversations c ON c.id = s.id JOIN turns t ON t.conversation = s.id
        WHERE t.finished AND t.member IS NOT NULL
            AND c.contender IN (SELECT value FROM json_each(?))
    )
    SELECT member, sum(score * part), sum(part) FROM parts GROUP BY member"""
"""A battle that was simulated or imported has no conversations, and so no part in this."""
