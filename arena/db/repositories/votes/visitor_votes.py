"""One visitor's own votes: how many, by pair and outcome, and the last ones; nobody else's."""

from dataclasses import dataclass
from typing import Any

from arena.db.database import Database
from arena.models import Choice

RATINGS = ("left_before", "left_after", "right_before", "right_after")
"""The columns that tell what a vote did to the ratings."""

MANY = 1_000
"""The most votes of a visitor that a click counts: from so many on, the page says "many"."""

OWN = """
    FROM battles b CROSS JOIN votes v ON v.battle = b.id
    WHERE b.visitor = ?1 AND b.source = 'own' AND b.status = 'voted'"""
# By the visitor's battles, each with its vote by its key: a site's other votes are not read. Before
# the vote nothing of a battle is here, and battles with the names in view have another source.

RECORDS = f"""
    SELECT v.created, b.id, l.name, r.name, v.choice, v.counted, v.reason, v.rules,
        b.source = 'own', b.turns, b.language, l.id, r.id,
        b.left_conversation, b.right_conversation,
        {", ".join(f"v.{name}" for name in RATINGS)}
    FROM battles b CROSS JOIN votes v ON v.battle = b.id
        JOIN contenders l ON l.id = b."left" JOIN contenders r ON r.id = b."right"
    WHERE b.visitor = ? AND b.source IN ('own', 'named') AND b.status = 'voted'
    ORDER BY v.created, v.rowid"""

Change = tuple[tuple[float, float], tuple[float, float]]
"""Rating before and after a vote: of the left, then of the right."""


@dataclass(frozen=True, slots=True)
class VoteTally:
    """How many votes a visitor has given, up to MANY; those that count; of these, those that
    compare, which a ranking can be made of."""

    votes: int
    counted: int
    compared: int


@dataclass(frozen=True, slots=True)
class VisitorVote:
    """One vote of the past. left, right: contenders by id. created: seconds since 1970.

    reason: why it does not count, as codes. change: as it was shown with the names; None where that
    was not stored.
    """

    created: float
    left: str
    right: str
    choice: Choice
    counted: bool
    reason: str
    change: Change | None


@dataclass(frozen=True, slots=True)
class VoteRecord:
    """One vote with all that is stored of it but its reasons and its texts.

    left, right: the contenders' names; contenders, conversations: the ids of the two sides. blind:
    whether the names were hidden. rules: the version that judged it. Else as in VisitorVote.
    """

    created: float
    battle: str
    left: str
    right: str
    choice: Choice
    counted: bool
    reason: str
    rules: str
    blind: bool
    turns: int
    language: str | None
    contenders: tuple[str, str]
    conversations: tuple[str, str]
    change: Change | None


@dataclass(frozen=True, slots=True)
class VisitorVotes:
    """Votes on this site's own blind battles, by their visitor's id. Who has an id may see them."""

    db: Database

    def tally(self, visitor: str) -> VoteTally:
        """How many there are, at a click; quick for who has voted for years, too."""
        row = self.db.query_one(
            "SELECT count(*), coalesce(sum(counted), 0),"
            " coalesce(sum(counted AND choice <> 'both_bad'), 0)"
            f" FROM (SELECT v.counted, v.choice {OWN} LIMIT ?2)",
            (visitor, MANY),
        )
        return VoteTally(*row)

    def outcomes(self, visitor: str) -> list[tuple[str, str, Choice, bool, str, int]]:
        """All of them as (left, right, choice, counted, reason, how many), contenders by id."""
        rows = self.db.query(
            f'SELECT b."left", b."right", v.choice, v.counted, v.reason, count(*) {OWN}'
            " GROUP BY 1, 2, 3, 4, 5",
            (visitor,),
        )
        return [(*row[:3], bool(row[3]), *row[4:]) for row in rows]

    def latest(self, visitor: str, limit: int) -> list[VisitorVote]:
        """The last ones, the newest first."""
        rows = self.db.query(
            'SELECT v.created, b."left", b."right", v.choice, v.counted, v.reason,'
            f" {', '.join(f'v.{name}' for name in RATINGS)} {OWN}"
            " ORDER BY v.created DESC, v.rowid DESC LIMIT ?2",
            (visitor, limit),
        )
        return [VisitorVote(*row[:4], bool(row[4]), row[5], _change(*row[6:])) for row in rows]

    def records(self, visitor: str) -> list[VoteRecord]:
        """All of them and those with the names in view, the oldest first."""
        return [_record(*row) for row in self.db.query(RECORDS, (visitor,))]

    def change(self, battle: str, visitor: str) -> Change | None:
        """What the vote of one battle did to the ratings; None where that was not stored."""
        row = self.db.query_one(
            f"SELECT {', '.join(f'v.{name}' for name in RATINGS)} {OWN} AND b.id = ?2",
            (visitor, battle),
        )
        return _change(*row) if row else None


def _change(*ratings: float | None) -> Change | None:
    return None if None in ratings else (ratings[:2], ratings[2:])


def _record(*row: Any) -> VoteRecord:
    """A row of RECORDS."""
    *vote, counted, reason, rules, blind, turns, language = row[:-8]
    about = bool(counted), reason, rules, bool(blind), turns, language
    return VoteRecord(*vote, *about, row[-8:-6], row[-6:-4], _change(*row[-4:]))
