"""Votes: one a battle, with what was known when it was cast; none is ever deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena.db.database import Database
from arena.db.repositories.contenders import contender_of
from arena.models import NAMED, Choice, Reveal, Source, VoteCounts
from arena.votes.evidence import PendingVote
from arena.votes.rules import DAY

OPEN = 7 * DAY
"""Seconds for which a battle may stay open and its vote still be counted among those of its day:
who has voted for years must not be read from the beginning at every vote."""

NOT_COUNTED = f"counted = 0 AND reason <> '{NAMED}'"
"""The condition of the index votes_not_counted, word by word: without those that never count."""

PENDING = """
    SELECT b.visitor, iif(EXISTS (SELECT 1 FROM votes WHERE battle = b.id), 'voted', b.status),
        b.ready, b.leaked, b.prompt_hash, p.barred, p.address_hash,
        b.left_conversation, b.right_conversation,
        l.id, l.name, l.config, r.id, r.name, r.config, b.source
    FROM battles b JOIN visitors p ON p.id = b.visitor
        JOIN contenders l ON l.id = b."left" JOIN contenders r ON r.id = b."right"
    WHERE b.id = ?"""

TODAY = """
    SELECT count(*), coalesce(sum(b.prompt_hash = ?), 0),
        (SELECT count(*) FROM
            (SELECT 1 FROM votes WHERE address = ? AND created >= ? LIMIT ?))
    FROM battles b JOIN votes v ON v.battle = b.id
    WHERE b.visitor = ? AND b.created >= ? AND b.status = 'voted' AND v.created >= ?
        AND b.source = 'own'"""
"""A vote with the names in view is none of these: it has no address."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Written once each. Triggers keep their counts, so that no click reads them all."""

    db: Database

    def pending(self, battle: str) -> PendingVote | None:
        """The battle that a vote is for; None where there is no such one."""
        row = self.db.query_one(PENDING, (battle,))
        if row is None:
            return None
        contenders = contender_of(*row[9:12]), contender_of(*row[12:15])
        return PendingVote(*row[:7], row[7:9], contenders, row[15] == NAMED)

    def replies(self, pending: PendingVote) -> list[list[tuple]]:
        """What the battle showed: each side's finished replies in the order of the messages, as
        (when its first token came, its features as JSON)."""
        rows = self.db.query(
            "SELECT conversation, closed - seconds + ttft_s, features FROM turns"
            " WHERE conversation IN (?, ?) AND finished AND NOT undone ORDER BY position, id",
            pending.sides,
        )
        return [[tuple(reply) for side, *reply in rows if side == one] for one in pending.sides]

    def counts_today(
        self, pending: PendingVote, now: float, by_address: int
    ) -> dict[str, int | None]:
        """How many votes since midnight are this visitor's, and the like; of an address up to
        `by_address`. None where nobody knows."""
        since = now - now % DAY
        visitor, same_prompt, address = self.db.query_one(
            TODAY,
            (
                *(pending.prompt_hash, pending.address, since, by_address),
                *(pending.visitor, since - OPEN, since),
            ),
        )
        return {
            "by_visitor": visitor,
            "by_address": None if pending.address is None else address,
            "same_prompt": None if pending.prompt_hash is None else same_prompt,
        }

    def add(self, battle: str, choice: Choice, row: Mapping[str, Any]) -> None:
        """Store the vote of a battle that has none; the other columns come from `row`."""
        with self.db.transaction():
            self.db.execute(
                f"INSERT INTO votes (battle, choice, {', '.join(row)})"
                f" VALUES (?, ?{', ?' * len(row)})",
                (battle, choice, *row.values()),
            )
            self.db.execute("UPDATE battles SET status = 'voted' WHERE id = ?", (battle,))

    def reveal(self, battle: str, visitor: str) -> Reveal | None:
        """What a committed vote of this visitor has shown already; None where there is none."""
        row = self.db.query_one(
            "SELECT v.choice, v.counted, v.reason FROM votes v JOIN battles b ON b.id = v.battle"
            " WHERE b.id = ? AND b.visitor = ?",
            (battle, visitor),
        )
        if row is None:
            return None
        choice, counted, reason = row
        return Reveal(*self.pending(battle).contenders, choice, bool(counted), reason)

    def counts(self, source: Source = "own") -> VoteCounts:
        """A source's votes by pair and outcome, and its totals; from counts that are kept."""
        with self.db.locked():
            rows = self.db.query(
                'SELECT "left", "right", choice, votes, counted FROM vote_counts'
                ' WHERE source = ? AND votes > 0 ORDER BY "left", "right", choice, counted',
                (source,),
            )
            void = self.db.query_one(
                "SELECT battles FROM battle_counts WHERE source = ? AND status = 'void'",
                (source,),
            )
        outcomes = tuple(row[:4] for row in rows if row[4])
        counted = sum(n for *_, n in outcomes)
        return VoteCounts(outcomes, counted, sum(row[3] for row in rows), void[0] if void else 0)

    def count_by_validity(self) -> dict[str, int]:
        """How many of our own votes count, "yes", and do not, "no"."""
        rows = self.db.query(
            "SELECT iif(counted, 'yes', 'no'), sum(votes) FROM vote_counts"
            " WHERE source = 'own' GROUP BY 1"
        )
        return {"yes": 0, "no": 0} | dict(rows)

    def version(self) -> tuple[int, int, int, float]:
        """Changes whenever a vote lands, stops or begins to count, or its battle gets other tags;
        cheap at any size."""
        return self.db.query_one(
            "SELECT (SELECT coalesce(max(rowid), 0) FROM votes), (SELECT votes FROM tag_changes),"
            f" count(*), total(rowid) FROM votes WHERE {NOT_COUNTED}"
        )
