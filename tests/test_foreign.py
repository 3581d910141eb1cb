"""Another arena's row made a battle: whose words are known, what a row must have, the same ids."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.exchange.foreign import Foreign

ROW = {"model_a": "oak", "model_b": "elm", "winner": "model_a", "judge": "u1", "tstamp": 5.5}


def battle(**changes):
    return Foreign(now=99.0).battle(ROW | changes)


def test_a_battle_of_chatbot_arena():
    made = battle(turn=3, language="English", anony=True)
    assert (made.left.name, made.right.name, made.choice) == ("oak", "elm", "left")
    assert (made.created, made.turns, made.language, made.reason) == (5.5, 3, "en", "")
    assert (made.source, made.policy, made.rules) == ("imported",) * 3
    assert "u1" not in repr(made)


@pytest.mark.parametrize(
    ("winner", "choice"),
    [
        ("model_a", "left"),
        ("model_b", "right"),
        ("tie", "tie"),
        ("tie (bothbad)", "both_bad"),
        (" Tie (bothbad) ", "both_bad"),
        ("left", "left"),
        ("right", "right"),
        ("both_bad", "both_bad"),
        ("elm", "right"),
    ],
)
def test_words_for_an_outcome(winner, choice):
    assert battle(winner=winner).choice == choice


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"winner": "nobody"}, "its winner 'nobody' is none of"),
        ({"winner": None}, "it has no winner"),
        ({"model_a": " "}, "it has no left or model_a"),
        ({"model_b": 7}, "it has no right or model_b"),
        ({"model_b": "oak"}, "'oak' cannot meet itself"),
        ({"tstamp": "yesterday"}, "its time 'yesterday' is no number and not ISO 8601"),
        ({"tstamp": 1.7e12}, "is not in seconds since 1970"),
        ({"tstamp": "nan"}, "is not in seconds since 1970"),
        ({"turn": 0}, "its number of turns 0"),
        ({"turn": "many"}, "its number of turns 'many'"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(changes, said):
    with pytest.raises(ValueError, match=said):
        battle(**changes)


@pytest.mark.parametrize("row", [None, 3, "text", ["model_a"]])
def test_a_row_that_is_none(row):
    with pytest.raises(ValueError, match="not a row with named columns"):
        Foreign(0.0).battle(row)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("1700000000", 1.7e9),
        ("1970-01-01T00:01:00", 60.0),
        ("1970-01-01T01:01:00+01:00", 60.0),
        (datetime(1970, 1, 1, 0, 1), 60.0),
        (None, 99.0),
        ("", 99.0),
    ],
)
def test_times(told, seconds):
    assert battle(tstamp=told).created == seconds


@pytest.mark.parametrize(
    ("told", "code"), [("German", "de"), ("DE", "de"), ("Klingon", "und"), (None, None)]
)
def test_languages(told, code):
    assert battle(language=told).language == code


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"anony": False}, "not blind"),
        ({"anony": "False"}, "not blind"),
        ({"counted": False, "reason": "too fast"}, "too fast"),
        ({"counted": 0}, "not counted where it comes from"),
        ({"counted": True, "reason": "kept"}, ""),
    ],
)
def test_what_does_not_count_there_does_not_count_here(changes, reason):
    assert battle(**changes).reason == reason


def test_without_a_visitor_each_vote_is_alone():
    foreign = Foreign(0.0)
    made = [foreign.battle(ROW | {"judge": None}) for _ in range(3)]
    assert len({each.visitor for each in made}) == 3 and foreign.alone == 3


@settings(max_examples=50)
@given(st.lists(st.sampled_from([ROW, ROW | {"tstamp": 6.0}, ROW | {"judge": ""}]), max_size=9))
def test_the_same_file_gives_the_same_ids_and_equal_rows_stay_two(rows):
    first, second = (list(map(Foreign(0.0).battle, rows)) for _ in range(2))
    assert first == second
    assert len({each.id for each in first}) == len(rows)


def test_an_exported_battle_keeps_its_id_whoever_the_visitor_is_said_to_be():
    assert battle(battle="b7", judge="v-1").id == battle(battle="b7", judge="v-2").id
    assert battle(battle="b7").id != battle(battle="b8").id
