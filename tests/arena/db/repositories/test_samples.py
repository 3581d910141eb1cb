"""Sample battles: own, counted, old enough, with their texts, and without who said it."""

import pytest
from stored import battle_of, fill

DAY = 86_400.0


@pytest.fixture
def full(store):
    fill(store, 12)
    return store


def newest(store, contender="c-1", before=None, most=3):
    before = store.database.clock() + DAY if before is None else before
    return store.samples.newest(contender, before, most)


def test_the_newest_battles_on_either_side_come_with_what_was_said_and_the_vote(full):
    found = newest(full)

    assert len(found) == 3 and all("c-1" in sample.contenders for sample in found)
    assert [s.voted for s in found] == sorted((s.voted for s in found), reverse=True)
    for sample in found:
        assert [side.turns[0].prompt.startswith("A secret ") for side in sample.sides] == [True] * 2
        assert sample.choice in ("left", "right", "tie", "both_bad")
    assert "v0" not in repr(found) and "v1" not in repr(found) and "v2" not in repr(found)
    assert newest(full, "nobody") == []


def test_none_is_younger_than_asked_for(full):
    (first,) = full.database.query_one("SELECT min(created) FROM votes")

    assert newest(full, before=first) == []
    assert [sample.voted for sample in newest(full, before=first + 0.5)] == [first]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE votes SET counted = 0",
        "UPDATE visitors SET barred = 1",
        "UPDATE visitors SET private = 1",
        "UPDATE conversations SET publishable = -1",
        "UPDATE turns SET prompt = NULL, reply = NULL",
        "UPDATE conversations SET system = NULL",
        "UPDATE battles SET source = 'imported'",
    ],
)
def test_what_does_not_count_or_has_no_text_is_not_shown(full, change):
    full.database.execute(change)

    assert newest(full) == []


def test_who_is_forgotten_is_not_shown_and_others_still_are(full):
    full.erasure.erase_visitor("v0")

    assert len(newest(full, most=12)) == len([n for n in range(12) if n % 3 and n % 4 != 2])


def test_a_battle_without_its_vote_is_not_shown(store):
    battle_of(store, "ready")

    assert newest(store, "b1") == []


@pytest.mark.parametrize("side", ["left", "right"])
def test_they_are_found_by_an_index(full, side):
    plan = full.database.query(
        f"EXPLAIN QUERY PLAN SELECT * FROM battles WHERE \"{side}\" = ? AND source = 'own'"
        " AND status = 'voted' AND created < ? ORDER BY created DESC LIMIT 9",
        ("c-1", 1.0),
    )

    assert [row[-1] for row in plan] == [
        f"SEARCH battles USING INDEX battles_sampled_{side} ({side}=? AND created<?)"
    ]
