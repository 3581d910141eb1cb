"""The boards of a running site: each computed once for each state of the votes, and off the page.

Only the latest state is kept, and of it a few boards. All are computed by one thread of their own:
however many visitors wait for one, the threads that store votes stay free.
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from arena.db.repositories.ballots import BallotCache
from arena.db.repositories.votes.reasons import ReasonCount
from arena.db.store import Store
from arena.experiment.cohort import MIN_VISITORS
from arena.models import JUDGED, Contender, ExcludedCounts, Source
from arena.ranking.ballots import Ballots
from arena.ranking.board.leaderboard import (
    Leaderboard,
    LeaderboardQuery,
    LeaderboardSource,
    make_leaderboard,
)
from arena.ranking.board.reasons import ReasonShares, reason_shares
from arena.ranking.format import SOURCE_LABELS
from arena.ranking.judges import judges_report
from arena.ranking.slices import BY
from arena.ranking.standings import Standings
from blend.roster import Roster

KEPT = 16
"""Boards that are kept: as many as there are usual things to ask for."""

DERIVED = 64
"""Values that are kept of each board: contenders' records, and how visitors compare."""

Value = TypeVar("Value")

Key = tuple[object, LeaderboardQuery]

Reasons = Sequence[ReasonCount]
"""How often each reason for a vote was given; a reason comes after its vote was counted."""

Demo = Callable[[Roster], tuple[Ballots, list[Contender]]]
"""Made-up votes, and their contenders."""


class LeaderboardCache:
    """What may be asked from any thread or task; `current` are the contenders' ids by name.

    demo: simulated votes where none are stored.
    """

    def __init__(self, roster: Roster, store: Store, demo: Demo | None = None):
        self.roster = roster
        self.store = store
        self._demo = demo
        self._active = {spec.name for spec in roster.contenders}
        self._alone = ThreadPoolExecutor(1, "leaderboards")
        self._kept: dict[Key, tuple[Leaderboard, Reasons]] = {}
        self._derived: WeakKeyDictionary[Standings, dict[Hashable, Any]] = WeakKeyDictionary()
        self._ballots, self._people = BallotCache("own"), BallotCache("own")

    async def derive(
        self, board: Leaderboard, key: Hashable, make: Callable[[Leaderboard], Value]
    ) -> Value:
        """What `make` makes of a board, of all but its reasons: once for each key, while these
        standings are kept, and by the boards' own thread. The last DERIVED values are kept."""
        kept = self._derived.setdefault(board.standing, {})
        if value := kept.get(key):
            return value
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._alone, self._derive, kept, key, board, make)

    @staticmethod
    def _derive(
        kept: dict[Hashable, Value],
        key: Hashable,
        board: Leaderboard,
        make: Callable[[Leaderboard], Value],
    ) -> Value:
        """By one thread only: who waited for the same value finds it made."""
        if value := kept.get(key):
            return value
        value = make(board)
        if len(kept) >= DERIVED:
            del kept[next(iter(kept))]
        kept[key] = value
        return value

    async def board(self, query: LeaderboardQuery, current: Mapping[str, str]) -> Leaderboard:
        """The board as of now. Raises ValueError for a source or a slice that is none, and
        StoreError."""
        key, given = await asyncio.to_thread(self._key, query, current)
        if kept := self._fresh(key, given):
            return kept
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._alone, self._board, key, given, current)

    def look(self, query: LeaderboardQuery, current: Mapping[str, str]) -> Leaderboard:
        """The same, for who may block."""
        key, given = self._key(query, current)
        kept = self._fresh(key, given)
        return kept or self._alone.submit(self._board, key, given, current).result()

    def _key(self, query: LeaderboardQuery, current: Mapping[str, str]) -> tuple[Key, Reasons]:
        """Read before the votes: one that lands meanwhile makes the next look a new one."""
        if query.source and query.source not in SOURCE_LABELS:
            raise ValueError(f"votes are {', '.join(SOURCE_LABELS)}, not {query.source[:100]!r}")
        if query.by and query.by not in BY:
            raise ValueError(f"votes can be sliced by {', '.join(BY)}, not by {query.by[:100]!r}")
        state = self.store.votes.version(), self.store.contenders.labels(), tuple(current.items())
        return (state, query), self.store.vote_reasons.counts()

    def _fresh(self, key: Key, given: Reasons) -> Leaderboard | None:
        """The board that was made of these votes, where the reasons for them are the same too."""
        board, reasons = self._kept.get(key, (None, ()))
        return board if reasons == given else None

    def _board(self, key: Key, given: Reasons, current: Mapping[str, str]) -> Leaderboard:
        """By one thread only: who waited for the same board finds it made."""
        if kept := self._fresh(key, given):
            return kept
        (state, query), (board, _) = key, self._kept.get(key, (None, ()))
        with closing(Store.open_readonly(self.store.database.path)) as votes:
            if board is None:
                self._kept = {k: kept for k, kept in self._kept.items() if k[0] == state}
                if len(self._kept) >= KEPT:
                    del self._kept[next(iter(self._kept))]
                ballots, origin = self._read(votes, query)
                own = origin.source == "own"
                up, active = (self._up(votes, current), self._active) if own else ({}, ())
                focus = self.roster.focus
                board = make_leaderboard(ballots, query, origin, up, focus, active)
                if origin.source == JUDGED:
                    people = votes.ballots.update(self._people)
                    judges = judges_report(votes.machine_verdicts.all(), ballots, people)
                    board = replace(board, judges=judges)
            # The same board where nothing shown has changed: what was drawn of it is kept with it.
            reasons = _reasons(votes, board, given)
            if reasons != board.reasons:
                board = replace(board, reasons=reasons)
        self._kept[key] = board, given
        return board

    @staticmethod
    def _up(votes: Store, current: Mapping[str, str]) -> Mapping[str, str]:
        """Those that are up and not retired by the host."""
        retired = votes.contenders.retired()
        return {name: id for name, id in current.items() if id not in retired}

    def _read(self, votes: Store, query: LeaderboardQuery) -> tuple[Ballots, LeaderboardSource]:
        filled = votes.ballots.sources()
        sources = tuple(source for source in SOURCE_LABELS if source in filled)
        source: Source = query.source or next(iter(sources), "own")
        if source == "simulated" and source not in sources and self._demo:
            ballots, contenders = self._demo(self.roster)
            return ballots, LeaderboardSource(
                source, sources, contenders, (), ExcludedCounts(0, 0), stored=False
            )
        # With style once, with style always: who asked will come back.
        if self._ballots.source != source or not self._ballots.has(query.columns):
            self._ballots = BallotCache(source, query.columns)
        ballots = votes.ballots.update(self._ballots)
        rest, unfought = votes.ballots.excluded(source), votes.ballots.without_vote(source)
        return ballots, LeaderboardSource(
            *(source, sources, votes.contenders.all(), tuple(unfought), rest),
            visitors=self._ballots.visitors,
        )


def _reasons(votes: Store, board: Leaderboard, given: Reasons) -> Mapping[str, ReasonShares]:
    """Why visitors voted so; nothing for a part of the votes, whose reasons nobody has counted."""
    source = board.data.source
    if board.query.part or not board.data.stored:
        return {}
    rows = (row for of, *row in given if of == source)
    return reason_shares(rows, votes.vote_reasons.givers(source), MIN_VISITORS)
