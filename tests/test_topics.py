"""A world whose truth is known."""

import numpy as np
import pytest

from blend.policy import Uniform, Weighted
from blend.topics import Topics


def test_what_is_logged_earns_what_the_world_says():
    world = Topics.specialists(3)
    rows = list(world.log(6000, Uniform(), np.random.default_rng(1)))
    assert np.mean([row.reward for row in rows]) == pytest.approx(world.uniform, abs=0.03)
    assert (world.oracle, world.uniform) == pytest.approx((0.8, 0.5))


def test_draws_follow_the_policy_and_its_chances_are_logged():
    world = Topics.specialists(2)
    rows = list(world.log(3000, Weighted({"m0": 3.0}), np.random.default_rng(2)))
    assert {row.draw.chance for row in rows} == {0.75, 0.25}
    assert np.mean([row.draw.member == "m0" for row in rows]) == pytest.approx(0.75, abs=0.03)


def test_a_conversation_grows_by_what_was_said():
    world = Topics.specialists(2)
    rows = list(world.log(200, Uniform(), np.random.default_rng(3)))
    last = max(rows, key=lambda row: len(row.conversation.turns)).conversation
    assert all(turn.said and turn.draw for turn in last.turns[:-1])
    assert not last.turns[-1].said
    assert len({row.conversation.id for row in rows}) < len(rows)


def test_the_same_seed_gives_the_same_log():
    world = Topics.specialists(2)
    one, two = (list(world.log(50, Uniform(), np.random.default_rng(4))) for _ in range(2))
    said = [[row.conversation.turns[-1].prompt for row in rows] for rows in (one, two)]
    assert said[0] == said[1]


def test_moods_may_not_leave_the_range():
    with pytest.raises(ValueError, match=r"keep 0\.1 from 0 and 1"):
        Topics(("a",), np.array([[0.95]]))
