"""How the site is used, from the database: the funnel of the arena, and how long replies take."""

from dataclasses import dataclass

import numpy as np

from arena.db.database import Database
from arena.experiment.cohort import MIN_VISITORS

FIRST = 2_000
"""Battles whose first replies are compared, the newest ones."""

RECENT = 20_000
"""Replies that waiting times are taken from, the newest ones."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """Battles that were opened, answered by both sides, voted on and counted; and by how many."""

    opened: int
    finished: int
    voted: int
    counted: int
    visitors: int


@dataclass(frozen=True, slots=True)
class LatencyPercentiles:
    """Seconds at the 50th, 95th and 99th percentile: to the first token, and to the reply's end."""

    member: str
    replies: int
    first_token: tuple[float, float, float]
    whole: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class UsageFigures:
    """Reads only; simulated and imported battles are not the site's use.

    These figures are public. What names a member is of replies whose author is known to whoever
    was answered: of battles that have their vote, and of chats by visitors of no experiment. A
    reply that more than one member worked on, by sentences or in a panel, is of no member.
    """

    db: Database

    def funnel(self) -> Funnel:
        """From opened to counted, for battles of this site's own."""
        return Funnel(*self.db.query_apart(_FUNNEL)[0])

    def latencies(self) -> tuple[LatencyPercentiles, ...]:
        """Waiting times of each member, by name, from recent replies that ended by themselves.

        Members that answered fewer than MIN_VISITORS visitors are left out.
        """
        rows = self.db.query_apart(_WAITING, (RECENT,))
        found: dict[str, list[tuple]] = {}
        for member, *row in rows:
            found.setdefault(member, []).append(row)
        return tuple(
            _waiting(member, rows)
            for member, rows in sorted(found.items())
            if len({visitor for visitor, *_ in rows}) >= MIN_VISITORS
        )

    def first_replies(self) -> tuple[int, list[tuple[str, str, str, str]]]:
        """Of the newest battles with a vote, how many visitors they are of; and where texts are
        kept (left member, right member, left reply, right reply) to the first message."""
        rows = self.db.query_apart(_FIRST, (FIRST,))
        complete = [tuple(row) for _, *row in rows if None not in row]
        return len({visitor for visitor, *_ in rows}), complete


def _waiting(member: str, rows: list[tuple]) -> LatencyPercentiles:
    times = np.percentile([(first, whole) for _, first, whole in rows], [50, 95, 99], axis=0).T
    return LatencyPercentiles(member, len(rows), *(tuple(each.tolist()) for each in times))


_FUNNEL = """
    SELECT count(*),
        coalesce(sum(EXISTS (SELECT 1 FROM turns t WHERE t.conversation = b.left_conversation
                AND t.finished)
            AND EXISTS (SELECT 1 FROM turns t WHERE t.conversation = b.right_conversation
                AND t.finished)), 0),
        count(v.battle), coalesce(sum(v.counted), 0), count(DISTINCT b.visitor)
    FROM battles b LEFT JOIN votes v ON v.battle = b.id WHERE b.source = 'own'"""

_WAITING = """
    SELECT t.member, c.visitor, t.ttft_s, t.seconds FROM turns t
    JOIN conversations c ON c.id = t.conversation
    WHERE t.finished AND t.ttft_s IS NOT NULL AND t.seconds IS NOT NULL AND t.member IS NOT NULL
        AND t.chance IS NOT NULL AND t.sentences IS NULL
        AND iif(
            c.kind = 'chat',
            NOT EXISTS (SELECT 1 FROM exposures e WHERE e.visitor = c.visitor),
            EXISTS (SELECT 1 FROM battles b WHERE b.status = 'voted'
                AND (b.left_conversation = c.id OR b.right_conversation = c.id))
        )
    ORDER BY t.rowid DESC LIMIT ?"""

_FIRST = """
    SELECT b.visitor, l.member, r.member, l.reply, r.reply
    FROM battles b
        JOIN turns l ON l.conversation = b.left_conversation AND l.position = 0 AND l.finished
        JOIN turns r ON r.conversation = b.right_conversation AND r.position = 0 AND r.finished
    WHERE b.source = 'own' AND b.status = 'voted' AND l.parent IS NULL AND r.parent IS NULL
        AND l.chance IS NOT NULL AND r.chance IS NOT NULL
        AND l.sentences IS NULL AND r.sentences IS NULL
    ORDER BY b.rowid DESC LIMIT ?"""
