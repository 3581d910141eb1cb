"""Who wrote a side's replies, and what of that the draws' chances do not explain."""

import json
from itertools import product

import pytest

from arena.ranking.context.draws import ReplyDraws, blends, parse_draws, surprise, writers

EVEN = {"a": 0.5, "b": 0.5}


def drawn(members, chances=EVEN):
    return ReplyDraws(tuple(members), (chances,) * len(members))


def test_hand_offs_and_share_beyond_what_was_expected():
    found = surprise(drawn("aab"), {})
    assert found.hand_offs == pytest.approx(1 - 2 * 0.5)
    assert found.own_share == pytest.approx(0 - 0.5)
    assert found.wrote == pytest.approx({"a": 2 / 3 - 0.5, "b": 1 / 3 - 0.5})


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_all_that_may_be_drawn_comes_to_nothing_on_average(share):
    """Whatever the chances; those of a turn may hang on what was drawn before."""
    total = {"hand_offs": 0.0, "own_share": 0.0, "a": 0.0}
    for members in product("ab", repeat=4):
        probability, chances = 1.0, []
        for t, member in enumerate(members):
            p = share if t and members[t - 1] == "a" else 1 - share
            chances.append({"a": p, "b": 1 - p})
            probability *= chances[-1][member]
        found = surprise(ReplyDraws(members, tuple(chances)), {})
        total["hand_offs"] += probability * found.hand_offs
        total["own_share"] += probability * found.own_share
        total["a"] += probability * found.wrote["a"]
    assert total == pytest.approx(dict.fromkeys(total, 0.0), abs=1e-12)


@pytest.mark.parametrize(
    ("draws", "models"),
    [
        (drawn("aaa", {"a": 1.0}), {}),
        (drawn(["q #1", "q #2", "q #1"], {"q #1": 0.5, "q #2": 0.5}), {"q #1": "q", "q #2": "q"}),
        (ReplyDraws(("a", "b"), ({"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0})), {}),
    ],
    ids=["single", "copies", "in turn"],
)
def test_where_nothing_was_left_to_chance_nothing_is_a_surprise(draws, models):
    found = surprise(draws, models)
    assert (found.hand_offs, found.own_share) == (0, 0) and not any(found.wrote.values())


def test_one_reply_has_no_context():
    found = surprise(drawn("a"), {})
    assert (found.hand_offs, found.own_share) == (0, 0)


def test_a_contender_says_who_writes_for_it():
    copies = {"members": [{"name": "q #1", "copy": 1, "of": "q"}, {"name": "q #2", "of": "q"}]}
    pair = {"members": [{"name": "a"}, {"name": "b"}]}
    by = {"copies": writers(copies), "pair": writers(pair), "imported": writers({})}
    assert by["copies"] == {"q #1": "q", "q #2": "q"} and blends(by) == ["pair"]


def test_draws_are_read_from_text():
    text = json.dumps([["a", json.dumps(EVEN)], ["b", json.dumps(EVEN)]])
    assert parse_draws(text) == drawn("ab")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[1]",
        '[["a", null]]',
        '[[null, "{}"]]',
        '[["a", "{}"]]',
        '[["a", "{\\"a\\": 0.2}"]]',
        '[["a", "{\\"a\\": \\"x\\"}"]]',
        '[["a", "[1]"]]',
        '[[["a"], "{}"]]',
    ],
)
def test_draws_that_do_not_say_all_are_none(text):
    assert parse_draws(text) is None
