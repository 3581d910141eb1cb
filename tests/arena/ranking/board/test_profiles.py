"""What a contender is, in words, and how often it was drawn."""

import pytest

from arena.ranking.ballots import PairCounts
from arena.ranking.board.profiles import DrawCounts, Profile, draw_counts


def member(name, **more):
    return {"name": name, "weights": "0123456789abcdef", "sampling": {"temperature": 0.7}} | more


def profile(config):
    return Profile("c-1", "x", True, DrawCounts(), config)


TWO = [member("oak"), member("elm")]
COPIES = [member("oak 1", copy=1, of="oak"), member("oak 2", copy=2, of="oak")]


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            {"members": TWO, "policy": "uniform"},
            "A blend of oak and elm, drawn for each reply all with the same chance (uniform).",
        ),
        (
            {"members": TWO, "policy": {"name": "no-repeat", "epsilon": 0.02}},
            "A blend of oak and elm, drawn for each reply seldom the one that wrote the last "
            "(no-repeat).",
        ),
        (
            {"members": TWO, "policy": {"name": "sticky", "epsilon": 0.02, "stay": 0.8}},
            "A blend of oak and elm, drawn for each reply the one that wrote the last with a "
            "chance of 80%, else another (sticky).",
        ),
        (
            {"members": TWO, "policy": {"name": "sticky", "epsilon": 0.02, "turns": 2}},
            "A blend of oak and elm, drawn for each reply the one that wrote the last until it "
            "has written 2 in a row, then all with the same chance (sticky).",
        ),
        (
            {"members": TWO, "policy": {"name": "sticky", "epsilon": 0.02, "turns": 1}},
            "A blend of oak and elm, drawn for each reply all with the same chance (sticky).",
        ),
        (
            {"members": TWO, "policy": {"name": "sequence", "sequence": ["oak", "oak", "elm"]}},
            "A blend of oak and elm, drawn for each reply by the pattern oak → oak → elm, with "
            "few exceptions (sequence).",
        ),
        ({"members": TWO[:1], "policy": "uniform"}, "A single model."),
        ({"members": COPIES}, "A blend of 2 copies of oak."),
        ({"source": "imported"}, "Known by its name only: its votes come from another arena."),
        ({"simulated": True, "rating": 1010.0}, "Made up, of a known strength."),
        ({}, "What it is made of was not noted."),
    ],
)
def test_a_contender_in_a_sentence(config, says):
    assert profile(config).sentence() == says


def test_every_battle_is_told_of_once_for_each_side():
    counts = PairCounts.of([("a", "b", "left", 3), ("b", "a", "tie", 1)])
    found = draw_counts(
        counts, [("a", "b", "void", 2), ("c", "a", "void", 1), ("b", "a", "dropped", 4)]
    )
    assert found["a"] == DrawCounts(counted=4, dropped=4, void=3)
    assert found["c"] == DrawCounts(void=1)
    assert [found[name].drawn for name in "abc"] == [11, 10, 1]
