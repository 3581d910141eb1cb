"""All counted votes as columns, read in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from arena.db.database import Database
from arena.db.repositories.ballot_cache import BallotCache
from arena.db.repositories.rows import STYLE
from arena.models import ExcludedCounts, Source
from arena.ranking.ballots import Ballots

PAGE = 2_000
"""Rows at a time: few enough to stay in the processor's cache, where a million pass through."""

KEYS = {"turns": "b.turns", "language": "coalesce(b.language, '')"}
"""Columns with few values. SQLite puts them with the contenders and the choice in one text, so that
one look-up does for all of them."""

VALUES = {
    "created": ("v.created",),
    "length": ("v.prompt_characters",),
    "chance": ("b.pair_chance",),
    "style": tuple(f"v.{name}" for name in STYLE),
}

ROWS = """
    SELECT {columns} FROM votes v CROSS JOIN battles b ON b.id = v.battle
    WHERE v.rowid BETWEEN ?1 AND ?2 AND v.counted AND b.source = ?3 ORDER BY v.rowid"""
# The cross join keeps this order, also for what is aggregated: both tables were written together,
# so both are read in a row.

TEXTS = "json_group_array(b.visitor), json_group_array(json_array({key}) || '')"
"""A page of texts as two long ones: a row for each vote would take twice the time. JSON, because no
text can break it; `|| ''` makes a key a string, so that Python need not read each of them."""

LEFT_OUT = "(SELECT count(*), total(rowid) FROM votes WHERE counted = 0 AND rowid <= ?)"
"""Changes with any change of which votes up to a row count; the few that do not have an index."""

STEP = 20
"""Battles without a vote that the board learns of at a time: from one step to the next nobody can
tell who was in one of them."""

UNFOUGHT = f"""
    WITH over AS (
        SELECT "left", "right", row_number() OVER (ORDER BY rowid) AS number, count(*) OVER () AS n
        FROM battles WHERE source = ?1 AND status <> 'voted' AND created < unixepoch() - 86400
    )
    SELECT "left", "right", 'void', count(*) FROM over WHERE number <= n - n % {STEP} GROUP BY 1, 2
    UNION ALL
    SELECT "left", "right", 'dropped', sum(votes) FROM vote_counts
    WHERE counted = 0 AND votes > 0 AND source = ?1 GROUP BY 1, 2"""


@dataclass(frozen=True, slots=True)
class BallotReader:
    """Votes by the million. Reads in pages, so that other threads get their turn."""

    db: Database

    def read(self, source: Source, columns: Sequence[str] = ()) -> Ballots:
        """The counted votes of a source, by contender id, with those columns of `Ballots`.

        Ids come sorted.
        """
        return self.update(BallotCache(source, columns))

    def update(self, cache: BallotCache) -> Ballots:
        """All counted votes of the cache's source; what it has is not read again.

        Where a vote that it has stopped counting since, or began to, it begins anew.
        """
        if self._left_out(cache.last) != cache.left_out:
            cache.clear()
        last = self.db.query_one("SELECT coalesce(max(rowid), 0) FROM votes")[0]
        # Read before the votes: a change meanwhile is found at the next look.
        cache.left_out = self._left_out(last)
        keys = ['b."left"', 'b."right"', "v.choice", *(KEYS[name] for name in cache.texts)]
        values = list(chain.from_iterable(VALUES[name] for name in cache.numbers))
        queries = [ROWS.format(columns=TEXTS.format(key=", ".join(keys)))]
        queries += [ROWS.format(columns=", ".join(values))] if values else []
        for start in range(cache.last + 1, last + 1, PAGE):
            end = min(start + PAGE - 1, last)
            with self.db.snapshot():  # both of the same moment
                texts, *rows = (self.db.query(sql, (start, end, cache.source)) for sql in queries)
            cache.add(*texts[0], rows[0] if rows else [])
            cache.last = end
        return cache.ballots()

    def _left_out(self, last: int) -> tuple[int, float]:
        return self.db.query_one(f"SELECT * FROM {LEFT_OUT}", (last,))

    def sources(self) -> set[Source]:
        """The sources that have votes."""
        rows = self.db.query(
            "SELECT source FROM battle_counts WHERE status = 'voted' AND battles > 0"
        )
        return {row[0] for row in rows}

    def excluded(self, source: Source) -> ExcludedCounts:
        """What `read` leaves out; from counts that are kept."""
        dropped, void = self.db.query_one(
            "SELECT (SELECT coalesce(sum(votes), 0) FROM vote_counts"
            " WHERE counted = 0 AND source = ?1),"
            " (SELECT coalesce(sum(battles), 0) FROM battle_counts"
            " WHERE status = 'void' AND source = ?1)",
            (source,),
        )
        return ExcludedCounts(dropped, void)

    def without_vote(self, source: Source) -> list[tuple[str, str, str, int]]:
        """Battles that are in no board, as (left, right, why, count): "dropped" where the vote does
        not count, "void" where a day has passed without one, whatever the reason.

        Who compares two boards must not learn from them who was hidden in a battle. So one that may
        still be judged is left out, and so is the reason why there is no vote, which can change;
        the others come in steps of STEP.
        """
        return self.db.query(UNFOUGHT, (source,))
