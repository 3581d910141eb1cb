"""All counted votes as columns, read in one go; and made-up ones, written in one go."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from arena.ballot import Ballots
from arena.bulk import STYLE, Bulk
from arena.pile import Pile
from arena.records import Contender, Source

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

BATTLE = (
    *("id", "visitor", "left", "right", "pair_chance", "policy", "turns", "prompt_hash"),
    *("language", "source", "created", "status"),
)
VOTE = (
    *("battle", "choice", "created", "counted", "reason", "rules"),
    *("waited", "watched", "shorter", "prompt_characters", *STYLE),
)

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
class Rest:
    """Votes of a source that do not count, and its battles that ended without one."""

    dropped: int
    void: int


class BallotBox(Bulk):
    """Votes by the million. Reads in pages, so that other threads get their turn."""

    def ballots(self, source: Source, columns: Sequence[str] = ()) -> Ballots:
        """The counted votes of a source, by contender id, with those columns of `Ballots`.

        Ids come sorted.
        """
        return self.read_on(Pile(source, columns))

    def read_on(self, pile: Pile) -> Ballots:
        """All counted votes of the pile's source; what it has is not read again.

        Where a vote that it has stopped counting since, or began to, it begins anew.
        """
        if self._left_out(pile.last) != pile.left_out:
            pile.clear()
        last = self._row("SELECT coalesce(max(rowid), 0) FROM votes")[0]
        # Read before the votes: a change meanwhile is found at the next look.
        pile.left_out = self._left_out(last)
        keys = ['b."left"', 'b."right"', "v.choice", *(KEYS[name] for name in pile.texts)]
        values = list(chain.from_iterable(VALUES[name] for name in pile.numbers))
        queries = [ROWS.format(columns=TEXTS.format(key=", ".join(keys)))]
        queries += [ROWS.format(columns=", ".join(values))] if values else []
        for start in range(pile.last + 1, last + 1, PAGE):
            end = min(start + PAGE - 1, last)
            texts, *rows = self._at_once(queries, (start, end, pile.source))
            pile.add(*texts[0], rows[0] if rows else [])
            pile.last = end
        return pile.ballots()

    def _left_out(self, last: int) -> tuple[int, float]:
        return self._row(f"SELECT * FROM {LEFT_OUT}", (last,))

    def _at_once(self, queries: Sequence[str], values: tuple) -> list[list[tuple]]:
        """What each query reads, all of them of the same moment."""
        if len(queries) == 1:
            return [self._read(queries[0], values)]
        with self._lock, self._explained():
            self._connection.execute("BEGIN")
            try:
                return [self._read(sql, values) for sql in queries]
            finally:
                self._connection.rollback()

    def filled(self) -> set[Source]:
        """The sources that have votes."""
        rows = self._read("SELECT source FROM battle_counts WHERE status = 'voted' AND battles > 0")
        return {row[0] for row in rows}

    def rest(self, source: Source) -> Rest:
        """What `ballots` leaves out; from counts that are kept."""
        dropped, void = self._row(
            "SELECT (SELECT coalesce(sum(votes), 0) FROM vote_counts"
            " WHERE counted = 0 AND source = ?1),"
            " (SELECT coalesce(sum(battles), 0) FROM battle_counts"
            " WHERE status = 'void' AND source = ?1)",
            (source,),
        )
        return Rest(dropped, void)

    def unfought(self, source: Source) -> list[tuple[str, str, str, int]]:
        """Battles that are in no board, as (left, right, why, count): "dropped" where the vote does
        not count, "void" where a day has passed without one, whatever the reason.

        Who compares two boards must not learn from them who was hidden in a battle. So one that may
        still be judged is not told of, nor why there is no vote (that can change), and the others
        come in steps of STEP.
        """
        return self._read(UNFOUGHT, (source,))

    def has_visitor(self, id: str) -> bool:
        """Whether somebody with this id ever came."""
        return self._row("SELECT 1 FROM visitors WHERE id = ?", (id,)) is not None

    def fill(
        self,
        contenders: Iterable[Contender],
        visitors: Iterable[tuple[str, float]],
        pages: Iterable[tuple[Sequence[tuple], Sequence[tuple]]],
    ) -> None:
        """Write finished battles and their votes, all of them or none; rows as BATTLE and VOTE.

        visitors: ids, and when each was first seen. A contender may be there; other ids raise
        StoreError.
        """
        every = self._connection.executemany
        with self.writing():
            every(
                "INSERT INTO contenders (id, name, config) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                map(_contender, contenders),
            )
            self._insert(every, "visitors", ("id", "first_seen"), visitors)
            for battles, votes in pages:
                self._insert(every, "battles", BATTLE, battles)
                self._insert(every, "votes", VOTE, votes)

    def _insert(
        self, every: Callable, table: str, columns: Sequence[str], rows: Iterable[tuple]
    ) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        every(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)


def _contender(contender: Contender) -> tuple[str, str, str]:
    return contender.id, contender.name, json.dumps(dict(contender.config), sort_keys=True)
