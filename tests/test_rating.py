"""Ratings: golden numbers, other people's fits, laws, and boards with too little on them."""

import math

import choix
import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.ballot import Ballots, Counts
from arena.rating import bootstrap, bradley_terry
from arena.world import World, votes

SCALE = 400 / math.log(10)
ROWS = [
    ("a", "b", "left", 30),
    ("a", "b", "right", 14),
    ("b", "a", "tie", 6),
    ("b", "c", "left", 21),
    ("c", "b", "left", 19),
    ("c", "a", "right", 25),
    ("a", "c", "right", 5),
    ("c", "d", "left", 12),
    ("d", "a", "left", 7),
    ("d", "b", "both_bad", 9),
]


def by_name(ratings):
    return {row.name: row.rating for row in ratings.rows}


def choices():
    return st.sampled_from(["left", "right", "tie", "both_bad"])


@st.composite
def boards(draw):
    names = [f"m{i}" for i in range(draw(st.integers(2, 5)))]
    pair = st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True)
    row = st.tuples(pair, choices(), st.integers(1, 40))
    return [(*p, c, n) for p, c, n in draw(st.lists(row, min_size=1, max_size=12))]


def test_two_contenders_are_log_odds():
    """30 to 10 and the prior's win and loss each: by symmetry ±½·d, so 31 to 11."""
    ratings = bradley_terry(Counts.of([("a", "b", "left", 30), ("b", "a", "left", 10)]), "b")
    assert ratings["b"].rating == 1000
    assert ratings["a"].rating == pytest.approx(1000 + SCALE * math.log(31 / 11))
    p = 31 / 42
    error = math.sqrt(30 * (1 - p) ** 2 + 10 * p**2 + 0.5) / (40 * p * (1 - p) + 0.5)
    half = ratings["a"].high - ratings["a"].rating
    assert half == pytest.approx(1.959964 * SCALE * error)


def test_golden_board():
    ratings = bradley_terry(Counts.of(ROWS))
    assert [
        (r.name, round(r.rating, 2), round(r.low, 1), round(r.high, 1), r.rank, r.worst)
        for r in ratings.rows
    ] == [
        ("a", 1082.57, 1030.1, 1135.0, 1, 2),
        ("b", 972.92, 923.7, 1022.1, 2, 4),
        ("c", 961.33, 910.1, 1012.6, 2, 4),
        ("d", 917.05, 743.8, 1090.3, 1, 4),
    ]


def many(names="abcdefghijklmnop", n=20_000):
    """Votes between sixteen contenders, up to 700 points apart, most pairs met."""
    world = World(tuple(names), np.linspace(2, -2, len(names)), visitors=200, pairing="adaptive")
    return votes(world, n, np.random.default_rng(5)).ballots.counts()


@pytest.mark.parametrize("counts", [Counts.of(ROWS), many()], ids=["few", "many"])
@pytest.mark.parametrize("anchor", [None, "b"])
def test_evalica_and_choix_agree(anchor, counts):
    names, phantom = [*counts.names], anchor or "phantom"
    names += [] if anchor else [phantom]
    table = np.zeros((len(names), len(names)))
    table[: len(counts.names), : len(counts.names)] = counts.points
    other = names.index(phantom)
    table[other, :] += 1
    table[:, other] += 1
    np.fill_diagonal(table, 0)
    i, j = np.nonzero(table)
    theirs = evalica.bradley_terry(
        [names[n] for n in i],
        [names[n] for n in j],
        [evalica.Winner.X] * len(i),
        weights=table[i, j].tolist(),
        tolerance=1e-13,
        limit=100_000,
    ).scores
    ours = by_name(bradley_terry(counts, anchor))
    third = choix.ilsr_pairwise_dense(table, max_iter=10_000, tol=1e-12)
    for fit in ({n: math.log(theirs[n]) for n in names}, dict(zip(names, third, strict=True))):
        met = counts.win_rates()[1].sum(1)
        mean = np.average([fit[n] for n in counts.names], weights=met)
        zero = fit[anchor] if anchor else mean
        for name in counts.names:
            assert ours[name] == pytest.approx(1000 + SCALE * (fit[name] - zero), abs=0.01)


@settings(max_examples=60, deadline=None)
@given(boards())
def test_any_board_is_finite_and_ordered(rows):
    ratings = bradley_terry(Counts.of(rows))
    for row in ratings.rows:
        assert math.isfinite(row.rating) and math.isfinite(row.low) and math.isfinite(row.high)
        assert row.low < row.rating < row.high
        assert 1 <= row.rank <= row.worst <= len(ratings.rows)
    met = ratings.counts.win_rates()[1].sum(1)
    if met.any():
        mean = np.average([ratings[name].rating for name in ratings.counts.names], weights=met)
        assert mean == pytest.approx(1000)
    assert list(ratings.rows) == sorted(ratings.rows, key=lambda r: (-r.rating, r.name))


@settings(max_examples=40, deadline=None)
@given(boards(), st.randoms(use_true_random=False))
def test_names_and_their_order_do_not_matter(rows, random):
    names = sorted({name for row in rows for name in row[:2]})
    other = dict(zip(names, random.sample([f"x{n}" for n in names], len(names)), strict=True))
    renamed = [(other[left], other[right], choice, n) for left, right, choice, n in rows]
    random.shuffle(renamed)
    plain, moved = bradley_terry(Counts.of(rows)), bradley_terry(Counts.of(renamed))
    for name in names:
        mine, same = plain[name], moved[other[name]]
        assert (mine.rank, mine.worst, mine.battles) == (same.rank, same.worst, same.battles)
        assert mine.rating == pytest.approx(same.rating, abs=1e-5)
        assert mine.low == pytest.approx(same.low, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(boards())
def test_sides_do_not_matter(rows):
    mirror = {"left": "right", "right": "left"}
    swapped = [(b, a, mirror.get(choice, choice), n) for a, b, choice, n in rows]
    plain, turned = bradley_terry(Counts.of(rows)), bradley_terry(Counts.of(swapped))
    assert by_name(plain) == pytest.approx(by_name(turned), abs=1e-5)
    assert np.allclose(plain.covariance, turned.covariance)


def test_nobody_is_an_empty_board():
    ratings = bradley_terry(Counts.of([]))
    assert ratings.rows == () and ratings.notes == ("There are no contenders.",)


def test_no_battles_are_a_thousand_each():
    ratings = bradley_terry(Counts.of([], ["a", "b"]))
    assert by_name(ratings) == {"a": 1000, "b": 1000}
    assert [(row.rank, row.worst, row.preliminary) for row in ratings.rows] == [(1, 2, True)] * 2
    assert "No battle has been decided" in ratings.notes[0]


def test_one_contender_has_nobody_to_be_compared_with():
    (row,) = (ratings := bradley_terry(Counts.of([], ["a"]))).rows
    assert (row.rating, row.rank, row.worst) == (1000, 1, 1)
    assert "only contender" in ratings.notes[0]


@pytest.mark.parametrize("anchor", [None, "a", "b"])
def test_undefeated_and_winless_are_finite_and_said(anchor):
    rows = [("a", "b", "left", 40), ("b", "c", "left", 30), ("b", "c", "right", 20)]
    ratings = bradley_terry(Counts.of([*rows, ("c", "d", "left", 25)]), anchor)
    assert [row.name for row in ratings.rows] == ["a", "b", "c", "d"]
    assert all(row.high - row.low < 1000 for row in ratings.rows)
    assert ratings.notes == (
        "a has won every battle: the rating is a lower estimate.",
        "d has lost every battle: the rating is an upper estimate.",
    )


def test_two_groups_are_said_and_numbered():
    rows = [("a", "b", "left", 30), ("b", "a", "left", 25), ("c", "d", "tie", 30)]
    ratings = bradley_terry(Counts.of(rows))
    assert {row.name: row.group for row in ratings.rows} == {"a": 0, "b": 0, "c": 1, "d": 1}
    assert ratings.notes[-1].endswith("say nothing: a and b; c and d.")


def test_too_few_battles_are_preliminary():
    ratings = bradley_terry(Counts.of([*ROWS, ("e", "a", "left", 3)]))
    assert [row.name for row in ratings.rows if row.preliminary] == ["e"]


def test_a_newcomer_blurs_nobody():
    rows = [("a", "b", "left", 300), ("b", "a", "left", 250)]
    before = bradley_terry(Counts.of(rows))
    after = bradley_terry(Counts.of([*rows, ("n", "a", "left", 1)]))
    for name in "ab":
        assert after[name].rating == pytest.approx(before[name].rating, abs=2)
        width = before[name].high - before[name].low
        assert after[name].high - after[name].low == pytest.approx(width, rel=0.05)


def test_an_unknown_anchor_is_refused():
    with pytest.raises(ValueError, match="'z' is none of a, b, c, d"):
        bradley_terry(Counts.of(ROWS), "z")


def test_a_seed_repeats_its_bootstrap():
    votes = [(a, b, c, f"v{n % 7}") for a, b, c, count in ROWS for n in range(count)]
    ballots = Ballots.of(votes)
    first, again = (bootstrap(ballots, rounds=9, rng=np.random.default_rng(1)) for _ in range(2))
    assert first.shape == (9, 4) and (first == again).all()
    nothing = bootstrap(Ballots.of([], ["a"]), rng=np.random.default_rng(1))
    assert np.allclose(nothing, 1000)
