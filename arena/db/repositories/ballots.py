"""All counted votes of a source as columns; what was read is kept, and only new ones are read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from types import MappingProxyType

import numpy as np

from arena.db.codebook import Codebook
from arena.db.database import Database
from arena.db.repositories.votes.votes import NOT_COUNTED
from arena.db.rows import DRAWS, STYLE
from arena.models import ExcludedCounts, Source
from arena.ranking.ballots import CHOICES, Ballots
from arena.ranking.context.draws import ReplyDraws, parse_draws
from arena.ranking.style import contrasts

PAGE = 2_000
"""Rows at a time: few enough to stay in the processor's cache, where a million pass through."""

COLUMNS = {
    "turns": ("b.turns",),
    "language": ("b.language",),
    "category": ("b.tags",),
    "created": ("v.created",),
    "length": ("v.prompt_characters",),
    "chance": ("b.pair_chance",),
    "style": tuple(f"v.{name}" for name in STYLE),
    **{f"{side}_draws": (DRAWS.format(side),) for side in ("left", "right")},
}
"""The columns of `Ballots` that not every board needs, and what they are made of."""

SIDES_DRAWS = ("left_draws", "right_draws")

ROWS = """
    SELECT {columns} FROM votes v CROSS JOIN battles b ON b.id = v.battle
    WHERE v.rowid BETWEEN ?1 AND ?2 AND v.counted AND b.source = ?3 ORDER BY v.rowid"""
# The cross join keeps this order: both tables were written together, so both are read in a row.

OPENER = "coalesce((SELECT opener FROM verdicts WHERE battle = b.id), b.visitor)"
"""In the place of the visitor, where models judged: few of them judge all, and what one battle has
in common with another is the first message."""

CHOICE = {choice: number for number, choice in enumerate(CHOICES)}

UNKNOWN = (None, "", "und")

MARK = f"""
    SELECT count(*), total(rowid), (SELECT votes FROM tag_changes)
    FROM votes WHERE {NOT_COUNTED} AND +rowid <= ?"""
"""Changes with any change of which votes up to a row count, and of the tags of those that there
are; the few that do not count have an index. The plus keeps SQLite from reading all votes by their
rowid instead."""

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


class BallotCache:
    """The counted votes of a source, as far as they were read, with those columns of `Ballots`.

    last: the row up to which they were read. mark: what MARK told of them then. About 20 bytes a
    vote and 8 for each further column; style takes 32, and the draws about a kilobyte for each
    series of members and chances that is unlike all others.
    """

    def __init__(self, source: Source, columns: Sequence[str] = ()):
        self.source, self.columns = source, tuple(columns)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.last, self.mark = 0, (0, 0.0, 0)
        self._visitors, self._contenders, self._languages = (Codebook() for _ in range(3))
        self._tags, self._draws = Codebook(), Codebook()
        self._parsed: list[ReplyDraws | None] = []
        self._parts: list[dict[str, np.ndarray]] = []
        self.add([])

    def has(self, columns: Sequence[str]) -> bool:
        """Whether it was read with all of these."""
        return {*columns} <= {*self.columns}

    @property
    def visitors(self) -> Mapping[str, int]:
        """The number that stands for each visitor in `ballots`, by their id."""
        return MappingProxyType(self._visitors)

    @property
    def expressions(self) -> list[str]:
        """What is read of each vote."""
        more = chain.from_iterable(COLUMNS[name] for name in self.columns)
        who = OPENER if self.source == "judged" else "b.visitor"
        return [who, 'b."left"', 'b."right"', "v.choice", *more]

    def add(self, rows: Sequence[tuple]) -> None:
        """A page of votes, as `expressions`."""
        values = iter(list(zip(*rows, strict=True)) or [()] * len(self.expressions))
        part = {
            "visitor": self._visitors.encode(next(values)),
            "left": self._contenders.encode(next(values)),
            "right": self._contenders.encode(next(values)),
            "choice": np.array([CHOICE[choice] for choice in next(values)], np.int8),
        }
        for name in self.columns:
            if name == "language":
                part[name] = self._languages.encode(next(values))
            elif name == "category":
                part[name] = self._tags.encode(next(values))
            elif name in SIDES_DRAWS:
                part[name] = self._draws.encode(next(values))
            elif name == "style":
                sides = np.array([next(values) for _ in STYLE], float).T
                part[name] = contrasts(*np.hsplit(sides, 2))
            else:
                part[name] = np.array(next(values), np.int32 if name == "turns" else float)
        self._parts.append(part)

    def ballots(self) -> Ballots:
        """All of it; ids and languages come sorted."""
        whole = {name: np.concatenate([p[name] for p in self._parts]) for name in self._parts[0]}
        self._parts = [whole]
        names, place = self._contenders.ranks()
        languages, language = self._languages.ranks(UNKNOWN)
        columns = {name: whole[name] for name in self.columns}
        if "language" in columns:
            columns["language"] = language[columns["language"]]
        draws, drawn = self._known_draws()
        columns |= {name: drawn[columns[name]] for name in SIDES_DRAWS if name in columns}
        left, right = place[whole["left"]], place[whole["right"]]
        categories = tuple(tuple(json.loads(text)) for text in self._tags if text is not None)
        votes = left, right, whole["choice"], whole["visitor"]
        return Ballots(names, *votes, columns, languages, categories, draws)

    def _known_draws(self) -> tuple[tuple[ReplyDraws, ...], np.ndarray]:
        """All draws that can be read, and the place of each number among them, -1 for the others;
        each text is parsed once."""
        texts = islice((text for text in self._draws if text is not None), len(self._parsed), None)
        self._parsed += map(parse_draws, texts)
        known = np.array([draws is not None for draws in self._parsed], bool)
        place = np.append(np.where(known, np.cumsum(known) - 1, -1), -1).astype(np.int32)
        return tuple(draws for draws in self._parsed if draws is not None), place


@dataclass(frozen=True, slots=True)
class BallotReader:
    """Votes by the million. Reads in pages, so that other threads get their turn."""

    db: Database

    def read(self, source: Source, columns: Sequence[str] = ()) -> Ballots:
        """The counted votes of a source, by contender id, with those columns of `Ballots`."""
        return self.update(BallotCache(source, columns))

    def update(self, cache: BallotCache) -> Ballots:
        """All counted votes of the cache's source; what it has is not read again.

        Where a vote that it has stopped counting since, began to, or got other tags, it begins
        anew.
        """
        if self._mark(cache.last) != cache.mark:
            cache.clear()
        last = self.db.query_one("SELECT coalesce(max(rowid), 0) FROM votes")[0]
        # Read before the votes: a change meanwhile is found at the next look.
        cache.mark = self._mark(last)
        sql = ROWS.format(columns=", ".join(cache.expressions))
        for start in range(cache.last + 1, last + 1, PAGE):
            end = min(start + PAGE - 1, last)
            cache.add(self.db.query(sql, (start, end, cache.source)))
            cache.last = end
        return cache.ballots()

    def _mark(self, last: int) -> tuple[int, float, int]:
        return self.db.query_one(MARK, (last,))

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
