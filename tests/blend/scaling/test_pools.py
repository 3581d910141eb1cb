"""Pools: the inequality between the two papers on every reply, and sums that are those of each."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from blend.scaling.pools import frontier, pool_losses, pools

nats = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 8), st.integers(1, 6)),
    elements=st.floats(0, 1e4, allow_subnormal=False),
)


@given(nats)
def test_oracle_blended_and_mean_are_in_order_on_every_reply(nats):
    oracle, blended, mean = pool_losses(nats)
    slack = 1e-9 * (1 + mean)
    assert (oracle <= blended + slack).all() and (blended <= mean + slack).all()
    assert (blended <= oracle + np.log(nats.shape[1]) + slack).all()


@given(nats)
def test_a_pool_of_one_is_its_member_and_copies_change_nothing(nats):
    for found in pool_losses(nats[:, :1]):
        assert found == pytest.approx(nats[:, 0])
    for one, twice in zip(pool_losses(nats), pool_losses(np.hstack([nats, nats])), strict=True):
        assert twice == pytest.approx(one)


def losses(members=5):
    rng = np.random.default_rng(0)
    return rng.gamma(4, 10, (300, 1)) + rng.gamma(2, 3, (300, members))


def test_every_subset_is_there_once_with_its_own_sums():
    x, halves = losses(), np.arange(300)[:, None] % 2 == [0, 1]
    found = pools(x, [1, 2, 4, 8, 16], halves.astype(float), 5)

    wanted = {s for n in range(1, 6) for s in combinations(range(5), n)}
    assert {tuple(np.flatnonzero(mask)) for mask in found.member} == wanted
    assert len(found) == len(wanted) == 31 and found.missed < 1e-9
    for n, mask in enumerate(found.member):
        assert found.parameters[n] == sum(2**m for m in np.flatnonzero(mask))
        oracle, blended, mean = (each @ halves for each in pool_losses(x[:, mask]))
        assert found.oracle[n] == pytest.approx(oracle)
        assert found.blended[n] == pytest.approx(blended)
        assert found.mean[n] == pytest.approx(mean)
        assert found.best[n] == pytest.approx((x[:, mask].T @ halves).min(axis=0))


def test_beyond_the_largest_size_pools_grow_greedily_until_all_are_in():
    x = losses(members=7)
    found = pools(x, [1, 1, 2, 2, 3, 3, 4], np.ones((300, 1)), 2)
    grown = found.member[found.size > 2]

    assert set(found.size) == {1, 2, 3, 4, 5, 6, 7}
    assert len({mask.tobytes() for mask in grown}) == len(grown)
    three = found.oracle[found.size == 3, 0].min()
    pairs = found.member[found.size == 2]
    assert three <= min(x[:, mask].min(axis=1).sum() for mask in pairs)


def test_the_frontier_has_the_best_pool_of_each_step():
    parameters = np.array([100, 101, 102, 150, 400])
    loss = np.array([3.0, 2.0, 1.0, 5.0, 0.5])
    every = np.ones(5, bool)
    assert list(frontier(parameters, loss, every)) == [2, 3, 4]
    assert list(frontier(parameters, loss, every & (loss > 1))) == [1, 3]
