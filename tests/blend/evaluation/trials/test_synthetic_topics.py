"""A world whose truth is known."""

import numpy as np
import pytest

from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.policies.policy import Weighted


def test_the_log_holds_the_policys_draws_what_they_earn_and_what_was_said():
    world = SyntheticTopics.specialists(2)
    assert world.quality.tolist() == [[0.8, 0.35], [0.35, 0.8]]
    rows, same = (
        list(world.log(6000, Weighted({"m0": 3.0}), np.random.default_rng(2))) for _ in range(2)
    )
    assert {row.draw.chance for row in rows} == {0.75, 0.25}
    assert np.mean([row.draw.member == "m0" for row in rows]) == pytest.approx(0.75, abs=0.03)
    assert np.mean([row.reward for row in rows]) == pytest.approx(0.575, abs=0.03)

    last = max(rows, key=lambda row: len(row.conversation.turns)).conversation
    assert all(turn.has_reply and turn.draw for turn in last.turns[:-1])
    assert not last.turns[-1].has_reply
    assert len({row.conversation.id for row in rows}) < len(rows)
    said = [[row.conversation.turns[-1].prompt for row in each] for each in (rows, same)]
    assert said[0] == said[1]
