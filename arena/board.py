"""The board as of now: what the store holds, rated, counted and read out. No page in here."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena.ballot import CHOICES, Ballots
from arena.elo import elo
from arena.labels import labelled
from arena.rating import Rating, Ratings, bradley_terry
from arena.reading import reading
from arena.store import Store

STEPS = 200
"""Points of the time line: more than a screen shows, however many votes there are."""

EMPTY = (
    "No vote counts yet. Open the Arena tab, send one message to two hidden contenders and vote: "
    "the board starts with the first vote."
)


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Elo over time: `ratings[name]` after vote number `votes[i]`, cast at `times[i]` (s, 1970).

    A contender that had not fought by then is NaN.
    """

    votes: tuple[int, ...]
    times: tuple[float, ...]
    ratings: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Everything that the leaderboard shows. `counted` of `votes` count, `void` had no vote."""

    sentence: str
    ratings: Ratings
    path: Path
    counted: int
    votes: int
    void: int
    visitors: int
    as_of: float

    @property
    def empty(self) -> bool:
        """Whether there is nothing to rate."""
        return not self.ratings.counts.total


def read(store: Store, focus: str, current: Mapping[str, str], now: float) -> Board:
    """The board of a store; blocks for as long as reading its votes takes.

    `current` gives the ids of the contenders that are up, by name (none while they load); they are
    shown with or without battles. `focus` is the name that the sentence is about.
    """
    tally = store.tally()
    fought = {id for left, right, *_ in tally.outcomes for id in (left, right)}
    labels = labelled(store.contenders(), fought, set(current.values()))
    times = array("d")

    def rows() -> Iterator[tuple[str, str, str, str]]:
        for vote in store.votes():
            # A vote that landed after the tally may bring a contender that it did not have.
            if vote.left in labels and vote.right in labels:
                times.append(vote.created)
                yield labels[vote.left], labels[vote.right], vote.choice, vote.visitor

    ballots = Ballots.of(rows(), sorted(set(labels.values())))
    ratings = bradley_terry(ballots.counts(), ballots=ballots)
    return Board(
        sentence=_sentence(ratings, focus),
        ratings=ratings,
        path=path(ballots, times),
        counted=tally.counted,
        votes=tally.votes,
        void=tally.void,
        visitors=ballots.visitors,
        as_of=now,
    )


def path(ballots: Ballots, times: Sequence[float]) -> Path:
    """Elo after about STEPS of the votes, evenly spaced, the last one included."""
    names, n = ballots.names, len(times)
    stride = max(1, -(-n // STEPS))
    codes = zip(ballots.left.tolist(), ballots.right.tolist(), ballots.choice.tolist(), strict=True)
    votes = ((names[left], names[right], CHOICES[choice]) for left, right, choice in codes)
    kept, ratings = [], {name: [] for name in names}
    for number, now in enumerate(elo(votes), start=1):
        if number % stride == 0 or number == n:
            kept.append(number)
            for name in names:
                ratings[name].append(now.get(name, np.nan))
    return Path(
        tuple(kept),
        tuple(times[number - 1] for number in kept),
        {name: tuple(line) for name, line in ratings.items()},
    )


def records(board: Board) -> list[dict[str, object]]:
    """The table as JSON-able rows, best first; rates are shares of all the contender's battles."""
    return [_record(row) for row in board.ratings.rows]


def _record(row: Rating) -> dict[str, object]:
    battles = max(row.battles, 1)
    return {
        "rank": row.rank,
        "worst_rank": row.worst,
        "contender": row.name,
        "rating": round(row.rating, 1),
        "low": round(row.low, 1),
        "high": round(row.high, 1),
        "battles": row.battles,
        "win_rate": round(row.wins / battles, 4),
        "tie_rate": round(row.ties / battles, 4),
        "both_bad_rate": round(row.both_bad / battles, 4),
        "preliminary": row.preliminary,
    }


def _sentence(ratings: Ratings, focus: str) -> str:
    if not ratings.counts.total:
        return EMPTY
    known = focus in ratings.counts.names
    return reading(ratings, focus if known else ratings.rows[0].name)
