"""What may be published, whose visitors keep theirs private, and what was published."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from arena.db.database import Database
from arena.models import Refused

GONE = """
    WITH gone AS (
        SELECT DISTINCT conversation AS id FROM published
        WHERE repository = ?1 AND version IN (SELECT value FROM json_each(?2))
            AND conversation NOT IN (SELECT value FROM json_each(?3))
    )
    SELECT coalesce(sum(erased), 0), coalesce(sum(NOT erased AND withdrawn), 0),
        coalesce(sum(NOT erased AND NOT withdrawn), 0)
    FROM (
        SELECT c.deleted IS NOT NULL OR c.system IS NULL
            OR EXISTS (SELECT 1 FROM forgotten WHERE alias = c.visitor) AS erased,
            p.private OR c.publishable < 1 AS withdrawn
        FROM gone CROSS JOIN conversations c ON c.id = gone.id JOIN visitors p ON p.id = c.visitor
    )"""

HOLDING = """
    SELECT DISTINCT version FROM published
    WHERE repository = ?1 AND version IN (SELECT value FROM json_each(?2))
        AND conversation NOT IN (SELECT value FROM json_each(?3)) ORDER BY 1"""

OF_VISITOR = """
    SELECT count(DISTINCT p.conversation)
    FROM conversations c CROSS JOIN published p ON p.conversation = c.id WHERE c.visitor = ?"""


class WithdrawnCount(NamedTuple):
    """Conversations of earlier versions that are not in this one: erased by their visitors or as
    old, withdrawn by them, left out for another reason. versions: that hold any of them."""

    erased: int
    withdrawn: int
    other: int
    versions: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        """The numbers alone."""
        return self[:3]


@dataclass(frozen=True, slots=True)
class Publication:
    """Consent is given when a conversation is opened; here it is taken back."""

    db: Database

    def is_private(self, visitor: str) -> bool:
        """Whether the visitor keeps all of their conversations private."""
        return self.db.query_one("SELECT private FROM visitors WHERE id = ?", (visitor,)) == (1,)

    def set_private(self, visitor: str, private: bool) -> None:
        """Keep all conversations of a visitor that is known private, or no more."""
        self.db.execute(
            "UPDATE visitors SET private = ?, private_at = ? WHERE id = ?",
            (int(private), self.db.clock(), visitor),
        )

    def withhold(self, battle: str, visitor: str) -> None:
        """Something private is in this battle: it is never published. Only its own visitor, after
        the vote, and for good. Raises Refused."""
        with self.db.transaction():
            row = self.db.query_one("SELECT visitor, status FROM battles WHERE id = ?", (battle,))
            if row is None:
                raise Refused("refusals.no_battle")
            if row[0] != visitor:
                raise Refused("refusals.foreign_battle")
            if row[1] != "voted":
                raise Refused("refusals.private_early")
            self.db.execute(
                "UPDATE conversations SET publishable = -1 WHERE id IN (SELECT left_conversation"
                " FROM battles WHERE id = ?1 UNION ALL SELECT right_conversation FROM battles"
                " WHERE id = ?1)",
                (battle,),
            )

    def may_publish(self, battle: str, visitor: str) -> bool:
        """Whether a battle of this visitor's may be published as it stands, and its visitor does
        not keep it private."""
        return (
            self.db.query_one(
                "SELECT 1 FROM battles b JOIN visitors p ON p.id = b.visitor"
                " JOIN conversations l ON l.id = b.left_conversation"
                " JOIN conversations r ON r.id = b.right_conversation"
                " WHERE b.id = ? AND b.visitor = ? AND b.source = 'own' AND NOT p.private"
                " AND min(l.publishable, r.publishable) = 1",
                (battle, visitor),
            )
            is not None
        )

    def record(self, repository: str, version: int, conversations: Iterable[str]) -> None:
        """Note which conversations a version is made of, in the place of what was noted of it."""
        with self.db.transaction():
            self.db.execute(
                "DELETE FROM published WHERE repository = ? AND version = ?", (repository, version)
            )
            self.db.insert(
                "published",
                ("repository", "version", "conversation"),
                [(repository, version, id) for id in sorted(conversations)],
            )

    def versions(self, repository: str) -> list[int]:
        """The versions of a data set that are noted here, the oldest first."""
        rows = self.db.query(
            "SELECT DISTINCT version FROM published WHERE repository = ? ORDER BY 1", (repository,)
        )
        return [version for (version,) in rows]

    def gone(
        self, repository: str, versions: Collection[int], now: Collection[str]
    ) -> WithdrawnCount:
        """How many conversations of these versions are not among those of now, by what became of
        them."""
        values = (repository, json.dumps([*versions]), json.dumps([*now]))
        with self.db.locked():
            counts, holding = self.db.query_one(GONE, values), self.db.query(HOLDING, values)
        return WithdrawnCount(*counts, tuple(version for (version,) in holding))

    def published_by(self, visitor: str) -> int:
        """How many of a visitor's conversations were published in any version."""
        return self.db.query_one(OF_VISITOR, (visitor,))[0]
