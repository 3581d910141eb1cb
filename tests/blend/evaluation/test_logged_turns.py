"""Logged turns as arrays, read once, in batches."""

from dataclasses import replace

import numpy as np
import pytest

from blend.conversation import Conversation, Draw, Turn
from blend.evaluation.logged_turns import BATCH, SEVERAL, LoggedTurn, TurnTable, folds
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned
from blend.policies.policy import Uniform, Weighted

TRAITS = HistoryFeatures(HashedNgrams(8), ("a", "b"))


def logged(id: str, member: str, reward: float, **chances: float) -> LoggedTurn:
    return LoggedTurn(Conversation(id, turns=(Turn("Hi"),)), Draw(member, 1, chances), reward)


def test_rows_become_arrays():
    rows = [logged("1", "b", 1.0, a=0.25, b=0.75), logged("2", "a", 0.5, a=1.0)]
    table = TurnTable.of(iter(rows), TRAITS, {"uniform": Uniform(), "x": Weighted({"a": 3})})

    assert table.chances.tolist() == [[0.25, 0.75], [1.0, 0.0]]
    assert table.drawn.tolist() == [1, 0] and table.rewards.tolist() == [1.0, 0.5]
    assert table.clusters.tolist() == [0, 1]
    assert table.target_probabilities["uniform"].tolist() == [[0.5, 0.5], [1.0, 0.0]]
    assert table.target_probabilities["x"].tolist() == [[0.75, 0.25], [1.0, 0.0]]


def test_of_a_reply_in_sentences_the_product_of_its_draws_counts():
    half = {"a": 0.5, "b": 0.5}
    alone = logged("1", "a", 1.0, a=0.25, b=0.75)
    alone = replace(alone, further=(Draw("a", 0.5, half), Draw("a", 1.0, {"a": 1.0})))
    shared = replace(logged("2", "a", 1.0, **half), further=(Draw("b", 0.5, half),))
    table = TurnTable.of([alone, shared], TRAITS, {"uniform": Uniform()})

    assert table.chances.tolist() == [[0.125, 0.0], [0.25, 0.25]]
    assert table.drawn.tolist() == [0, SEVERAL] and table.alone.tolist() == [True, False]
    assert table.weights(table.target_probabilities["uniform"]).tolist() == [4.0, 0.0]


def test_a_learned_policy_is_asked_for_all_at_once_by_name():
    traits = HistoryFeatures(HashedNgrams(8), ("b", "a"))
    weights = np.random.default_rng(1).normal(size=(traits.size, 2))
    policy = Learned(traits, weights, np.array([0.5, 0.0]), 2.0)
    rows = [logged("1", "b", 1.0, a=0.25, b=0.75), logged("2", "a", 0.5, a=1.0)]
    (one, other) = TurnTable.of(rows, TRAITS, {"learned": policy}).target_probabilities["learned"]
    alone = policy.chances(["a", "b"], rows[0].conversation)

    assert one.tolist() == pytest.approx([alone["a"], alone["b"]], abs=1e-5)
    assert other.tolist() == [1.0, 0.0]


def test_batches_are_joined():
    rows = [logged(str(n // 2), "a", 1.0, a=0.5, b=0.5) for n in range(BATCH + 2)]
    table = TurnTable.of(rows, TRAITS)
    assert len(table) == table.features.shape[0] == BATCH + 2
    assert table.clusters.max() == BATCH // 2


def test_some_of_the_turns_are_a_table_too():
    rows = [logged(str(n), "a", float(n % 2), a=0.5, b=0.5) for n in range(5)]
    part = TurnTable.of(rows, TRAITS, {"uniform": Uniform()}).select(slice(3))
    assert part.rewards.tolist() == [0, 1, 0] and part.features.shape == (3, TRAITS.size)
    assert part.target_probabilities["uniform"].shape == (3, 2)
    none = TurnTable.of([], TRAITS, {"uniform": Uniform()})
    assert (len(none), none.features.shape) == (0, (0, TRAITS.size))
    assert none.target_probabilities["uniform"].shape == (0, 2)


def test_a_strange_member_is_an_error():
    with pytest.raises(ValueError, match="a member 'c' that is none of a, b"):
        TurnTable.of([logged("1", "c", 1.0, c=1.0)], TRAITS)


def test_folds_keep_conversations_whole():
    assert folds([0, 0, 1, 1, 2, 3, 3], 3).tolist() == [0, 0, 1, 1, 2, 0, 0]
