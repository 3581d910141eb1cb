"""Ratings: golden numbers, other people's fits, laws, and boards with too little on them."""

import math

import choix
import evalica
import numpy as np
import pytest
from ballot_rows import ballots_of
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.ranking.ballots import CHOICES, Ballots, PairCounts
from arena.ranking.bradley_terry import fit_strengths
from arena.ranking.ratings import SCALE, bootstrap, bradley_terry, weighted_ratings
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes

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


@st.composite
def boards(draw):
    names = [f"m{i}" for i in range(draw(st.integers(2, 5)))]
    pair = st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True)
    row = st.tuples(pair, st.sampled_from(CHOICES), st.integers(1, 40))
    return [(*p, c, n) for p, c, n in draw(st.lists(row, min_size=1, max_size=12))]


def test_two_contenders_are_log_odds():
    """30 to 10 and the prior's win and loss each: by symmetry ±½·d, so 31 to 11."""
    ratings = bradley_terry(PairCounts.of([("a", "b", "left", 30), ("b", "a", "left", 10)]), "b")
    assert ratings["b"].rating == 1000
    assert ratings["a"].rating == pytest.approx(1000 + SCALE * math.log(31 / 11))
    p = 31 / 42
    error = math.sqrt(30 * (1 - p) ** 2 + 10 * p**2 + 0.5) / (40 * p * (1 - p) + 0.5)
    half = ratings["a"].high - ratings["a"].rating
    assert half == pytest.approx(1.959964 * SCALE * error)


def many(names="abcdefghijklmnop", n=20_000):
    """Votes between sixteen contenders, up to 700 points apart, most pairs met."""
    world = SyntheticArena(
        tuple(names), np.linspace(2, -2, len(names)), visitors=200, pairing="adaptive"
    )
    return draw_votes(world, n, np.random.default_rng(5)).ballots.counts()


@pytest.mark.parametrize("counts", [PairCounts.of(ROWS), many()], ids=["few", "many"])
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
    ratings = bradley_terry(PairCounts.of(rows))
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
    plain, moved = bradley_terry(PairCounts.of(rows)), bradley_terry(PairCounts.of(renamed))
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
    plain, turned = bradley_terry(PairCounts.of(rows)), bradley_terry(PairCounts.of(swapped))
    assert by_name(plain) == pytest.approx(by_name(turned), abs=1e-5)
    assert np.allclose(plain.covariance, turned.covariance)


@pytest.mark.parametrize("anchor", [None, "a", "b"])
def test_undefeated_and_winless_are_finite_and_said(anchor):
    rows = [("a", "b", "left", 40), ("b", "c", "left", 30), ("b", "c", "right", 20)]
    ratings = bradley_terry(PairCounts.of([*rows, ("c", "d", "left", 25)]), anchor)
    assert [row.name for row in ratings.rows] == ["a", "b", "c", "d"]
    assert all(row.high - row.low < 1000 for row in ratings.rows)
    assert ratings.notes == (
        "a has won every battle: the rating is a lower estimate.",
        "d has lost every battle: the rating is an upper estimate.",
    )


def test_a_newcomer_blurs_nobody():
    rows = [("a", "b", "left", 300), ("b", "a", "left", 250)]
    before = bradley_terry(PairCounts.of(rows))
    after = bradley_terry(PairCounts.of([*rows, ("n", "a", "left", 1)]))
    for name in "ab":
        assert after[name].rating == pytest.approx(before[name].rating, abs=2)
        width = before[name].high - before[name].low
        assert after[name].high - after[name].low == pytest.approx(width, rel=0.05)


def test_an_unknown_anchor_is_refused():
    with pytest.raises(ValueError, match="'z' is none of a, b, c, d"):
        bradley_terry(PairCounts.of(ROWS), "z")


def test_a_seed_repeats_its_bootstrap():
    ballots = ballots_of((a, b, c, f"v{n % 7}") for a, b, c, count in ROWS for n in range(count))
    first, again = (bootstrap(ballots, rounds=9, rng=np.random.default_rng(1)) for _ in range(2))
    assert first.shape == (9, 4) and (first == again).all()
    nothing = bootstrap(ballots_of([], ["a"]), rng=np.random.default_rng(1))
    assert np.allclose(nothing, 1000)


PAIRS = np.array([(0, 1), (0, 2), (1, 2)])
UNEVEN = np.array([0.8, 0.1, 0.1])


def uneven(n, shares, seed=1):
    """Contender a beats b, a beats c and b beats c with these shares; pairs drawn by UNEVEN."""
    rng = np.random.default_rng(seed)
    pair = rng.choice(3, n, p=UNEVEN)
    first = rng.random(n) < 0.5
    left, right = np.where(first, PAIRS[pair].T, PAIRS[pair].T[::-1])
    choice = np.where((rng.random(n) < np.asarray(shares)[pair]) == first, 0, 1)
    columns = {"chance": UNEVEN[pair]}
    return Ballots(tuple("abc"), left, right, choice, np.arange(n) % (n // 4), columns)


def even_truth(shares):
    """a's lead over c if every pair met equally often, without end."""
    points = np.zeros((1, 3, 3))
    for (i, j), share in zip(PAIRS, shares, strict=True):
        points[0, i, j], points[0, j, i] = 1e6 * share, 1e6 * (1 - share)
    xi = fit_strengths(points, None)[0]
    return SCALE * (xi[0] - xi[2])


def test_where_the_model_does_not_hold_weights_give_the_even_mean():
    """a beats b, b beats c, c beats a: no strengths explain that, and pairing decides."""
    shares = [0.8, 0.3, 0.7]
    ballots = uneven(20_000, shares)
    plain, even = bradley_terry(ballots.counts(), ballots=ballots), weighted_ratings(ballots)
    (lead, error), (biased, _) = even.difference("a", "c"), plain.difference("a", "c")
    assert lead == pytest.approx(even_truth(shares), abs=2.5 * error)
    assert abs(biased - even_truth(shares)) > 4 * plain.difference("a", "c")[1]


def test_where_it_holds_weights_only_widen():
    odds = np.exp([0.5, 0.9, 0.4])
    ballots = uneven(20_000, odds / (1 + odds), seed=2)
    plain, even = bradley_terry(ballots.counts(), ballots=ballots), weighted_ratings(ballots)
    for lead, error in (plain.difference("a", "c"), even.difference("a", "c")):
        assert lead == pytest.approx(0.9 * SCALE, abs=3 * error)
    assert even.difference("a", "b")[1] > 1.1 * plain.difference("a", "b")[1]
    assert sum(row.battles for row in even.rows) == 40_000


def test_equal_chances_are_the_plain_board_and_unknown_ones_are_said():
    ballots = uneven(900, [0.6, 0.7, 0.6], seed=3)
    ballots.columns["chance"][:] = 1 / 3
    plain, even = bradley_terry(ballots.counts(), ballots=ballots), weighted_ratings(ballots)
    assert by_name(even) == pytest.approx(by_name(plain))
    assert np.allclose(even.covariance, plain.covariance)
    ballots.columns["chance"][:3] = np.nan
    with pytest.raises(ValueError, match="3 votes do not say"):
        weighted_ratings(ballots)
