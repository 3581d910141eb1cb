"""Where one visitor stands: their votes counted, their own ranking, and how far they agree."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.ranking.ballots import PairCounts
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.personal.agreement import Agreement, compare_tastes, rate_others
from arena.ranking.personal.ranking import ENOUGH, OwnRating, comparisons, personal_ranking
from arena.ranking.ratings import Rating

VoteOutcomes = Iterable[tuple[str, str, str, bool, str, int]]
"""(left, right, choice, counted, reason, how many) as of `VisitorVotes.outcomes`."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnVotes:
    """One visitor's votes. counts: those that count, by contender id. why: how often each code
    is a reason not to count."""

    votes: int
    counts: PairCounts
    why: Mapping[str, int]

    @property
    def counted(self) -> int:
        return self.counts.total

    @property
    def missing(self) -> int:
        """Votes that count and compare, until there is a ranking."""
        return max(0, ENOUGH - comparisons(self.counts))


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One visitor's ranking, best first, each beside everybody's rating of the same contender, if
    it has one; and the agreement with all others, whose votes compare somebody or not."""

    ranking: tuple[tuple[OwnRating, Rating | None], ...]
    agreement: Agreement
    others: bool


def own_votes(outcomes: VoteOutcomes) -> OwnVotes:
    """The votes, counted."""
    rows = list(outcomes)
    why = Counter()
    for *_, reason, n in rows:
        why.update(dict.fromkeys(filter(None, reason.split(", ")), n))
    counts = PairCounts.of((*row[:3], row[5]) for row in rows if row[3])
    return OwnVotes(sum(row[5] for row in rows), counts, why)


def standing(own: OwnVotes, board: Leaderboard, visitor: str) -> Standing:
    """The standing of a visitor, by the board as everybody sees it."""
    labels = {profile.id: profile.name for profile in board.profiles}
    names = tuple(labels.get(id, id) for id in own.counts.names)
    counts = PairCounts(names, own.counts.table)
    everybody = board.standing.ratings
    ranking = personal_ranking(counts, everybody)
    others = rate_others(board.ballots, board.data.visitors.get(visitor))
    beside = {row.name: row for row in everybody.rows}
    return Standing(
        tuple((row, beside.get(row.name)) for row in ranking),
        compare_tastes(counts, others),
        bool(others.counts.points.any()),
    )
