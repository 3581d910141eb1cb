"""A contender alone: outcomes on either side, against whom, in slices."""

from dataclasses import replace

import numpy as np
import pytest
from ballot_rows import ballots_of

from arena.models import Contender, ExcludedCounts
from arena.ranking.board import record
from arena.ranking.board.leaderboard import LeaderboardQuery, LeaderboardSource, make_leaderboard

VOTES = [
    ("a", "b", "left", "v1"),
    ("b", "a", "right", "v1"),
    ("a", "b", "right", "v2"),
    ("b", "a", "tie", "v3"),
    ("a", "c", "both_bad", "v3"),
    ("b", "c", "left", "v4"),
]


def board(votes=VOTES):
    n = len(votes)
    columns = {
        "turns": np.arange(1, n + 1),
        "language": np.zeros(n, int),
        "created": np.arange(n, dtype=float),
        "length": np.full(n, 60.0),
        "category": np.arange(n) % 3,
    }
    kinds = (("code", "mathematics"), (), ("code",))
    ballots = replace(
        ballots_of(votes, "abc"), columns=columns, languages=("en",), categories=kinds
    )
    contenders = [Contender(name, name.upper(), {}) for name in "abcd"]
    data = LeaderboardSource("own", ("own",), contenders, (), ExcludedCounts(0, 0))
    return make_leaderboard(ballots, LeaderboardQuery(), data, {"D": "d"}, "A")


def test_a_contender_is_told_by_outcome_opponent_slice_and_time():
    found = record.contender_record(board(), "A")

    whole = found.whole
    counts = (whole.battles, whole.wins, whole.losses, whole.ties, whole.both_bad)
    assert counts == (5, 2, 1, 1, 1)
    assert whole.share == 2.5 / 4 and whole.low < whole.share < whole.high
    b, c = found.opponents
    assert (b.label, b.battles, b.wins, b.share) == ("B", 4, 2, 2.5 / 4)
    assert (c.label, c.battles, c.both_bad) == ("C", 1, 1) and np.isnan(c.share)
    turns = {part.label: part.battles for part in found.parts["turns"]}
    assert turns == {"1 turn": 1, "2 or 3 turns": 2, "4 turns or more": 2}
    assert [part.label for part in found.parts["language"]] == ["en"]
    categories = [(p.label, p.battles, p.wins) for p in found.parts["category"]]
    assert categories == [("code", 3, 1), ("mathematics", 2, 1), ("no category", 2, 1)]
    assert [number for number, *_ in found.elo] == [1, 2, 3, 4, 5, 6]
    assert found.rating.name == "A" and found.profile.retired


def test_who_has_no_battle_and_who_is_nobody():
    found = record.contender_record(board(), "D")

    assert (found.whole.battles, found.opponents, found.elo) == (0, (), ())
    assert found.parts == {"turns": (), "language": (), "length": (), "category": ()}
    assert record.contender_record(board(), "nobody") is None
    assert record.contender_record(board([]), "D").rating is None


def test_the_votes_of_one_visitor_are_one_opinion():
    loyal = [("a", "b", "left", "v1")] * 10 + [("a", "b", "right", "v2")] * 10
    crowd = [(*vote[:3], f"v{n}") for n, vote in enumerate(loyal)]

    of_two, of_many = (record.contender_record(board(votes), "A").whole for votes in (loyal, crowd))

    assert of_two.share == of_many.share == pytest.approx(0.5)
    assert of_two.high - of_two.low > of_many.high - of_many.low
