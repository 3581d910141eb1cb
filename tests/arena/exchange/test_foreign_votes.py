"""Another arena's row made a battle: whose words are known, what a row must have, the same ids."""

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.exchange.foreign_votes import ForeignVotes
from arena.exchange.forms.form import NoVote
from arena.exchange.vote_row import NAMES

ROW = {"model_a": "oak", "model_b": "elm", "winner": "model_a", "judge": "u1", "tstamp": 5.5}


def battle(**changes):
    return ForeignVotes(now=99.0).battle(ROW | changes)


def test_a_battle_of_chatbot_arena():
    made = battle(turn=3, language="English", anony=True)
    assert (made.left.name, made.right.name, made.choice) == ("oak", "elm", "left")
    assert (made.created, made.turns, made.language, made.reason) == (5.5, 3, "en", "")
    assert (made.source, made.policy, made.rules) == ("imported",) * 3
    assert "u1" not in repr(made)


WINNERS = {
    **{"model_a": "left", "model_b": "right", "left": "left", "right": "right", "elm": "right"},
    **{"tie": "tie", "tie (bothbad)": "both_bad", " Tie (bothbad) ": "both_bad"},
    "both_bad": "both_bad",
}


def test_words_for_an_outcome():
    assert {winner: battle(winner=winner).choice for winner in WINNERS} == WINNERS


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"winner": "nobody"}, "its winner 'nobody' is none of"),
        ({"winner": None}, "it has no winner"),
        (
            {"winner": None, "winner_model_a": 1, "winner_tie": 1},
            r"its winners are \['left', 'tie'\]",
        ),
        ({"model_a": " "}, "it has no left or model_a"),
        ({"model_b": True}, "its model_b True is no text and no number"),
        ({"model_b": "oak"}, "'oak' cannot meet itself"),
        ({"tstamp": "yesterday"}, "its tstamp 'yesterday' is neither a number nor ISO 8601"),
        ({"tstamp": 1e30}, "its tstamp 1e\\+30 is no time since 1970"),
        ({"tstamp": 10**400}, "is no time since 1970"),
        ({"tstamp": [1]}, "its tstamp \\[1\\] is neither a number nor ISO 8601"),
        ({"turn": 0}, "its turn 0 is not a whole number from 1"),
        ({"turn": "many"}, "its turn 'many' is not a whole number"),
        ({"turn": 10**30}, "is not a whole number from 1 to 10,000"),
        ({"judge": {"id": 3}}, "its judge {'id': 3} is no text and no number"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(changes, said):
    with pytest.raises(ValueError, match=said):
        battle(**changes)
    for row in (None, 3, "text", ["model_a"]):
        with pytest.raises(ValueError, match="not a row with named columns"):
            ForeignVotes(0.0).battle(row)


NO_VISITOR = (None, "", " ", float("nan"), "nan", "NaN", "None", "null", "<NA>")


@pytest.mark.parametrize("none", NO_VISITOR)
def test_what_says_no_visitor_makes_nobody_of_many(none):
    foreign = ForeignVotes(0.0)
    made = [foreign.battle(ROW | {"judge": none}) for _ in range(2)]
    assert made[0].visitor != made[1].visitor and not foreign.columns["visitor", "judge"]
    row = ROW | {"judge": none, "session_id": "s"}
    assert battle(judge=none, session_id="s").visitor == foreign.battle(row).visitor


def test_a_visitor_by_every_name():
    for column in NAMES["visitor"]:
        rows = [{"left": "oak", "right": "elm", "winner": "tie", column: who} for who in "xyx"]
        foreign = ForeignVotes(0.0)
        first, second, third = (foreign.battle(row).visitor for row in rows)
        assert first == third != second and foreign.columns["visitor", column] == 3


@pytest.mark.parametrize("bad", ["a\x1eb", "a\x1fb", "a\x00b", "\ud800", "v" * 20_000_000])
@pytest.mark.parametrize(
    "column", ["model_a", "model_b", "winner", "judge", "language", "battle", "id", "reason"]
)
def test_what_cannot_be_stored_is_refused_in_a_short_line(column, bad):
    with pytest.raises(ValueError) as error:
        battle(**{column: bad, "counted": False})
    assert column in str(error.value) and len(str(error.value)) < 120
    assert str(error.value).isprintable()


@pytest.mark.parametrize(("left", "right"), [(97, 98), (97.0, "98"), ("97", 98.0)])
def test_numbers_as_names(left, right):
    made = battle(model_a=left, model_b=right, winner=98)
    assert (made.left.name, made.right.name, made.choice) == ("97", "98", "right")


@pytest.mark.parametrize(
    "row",
    [
        {"Left": "oak", "RIGHT": "elm", "Winner": "Left", "Worker ID": "w"},
        {"Model A": "oak", "model-b": "elm", " WINNER ": "model_a", "worker_id": "w"},
        {"model_a_name": "oak", "model_b_name": "elm", "chosen_model_name": "oak", "visitor": "w"},
    ],
)
def test_columns_in_any_case_and_under_other_names(row):
    made = ForeignVotes(0.0).battle(row)
    assert (made.left.name, made.right.name, made.choice) == ("oak", "elm", "left")
    assert made.visitor == battle(judge="w").visitor


@pytest.mark.parametrize(
    ("flags", "choice"),
    [
        ({"winner_model_a": 1, "winner_model_b": 0, "winner_tie": 0}, "left"),
        ({"winner_model_a": "0", "winner_model_b": "1", "winner_tie": "0"}, "right"),
        ({"winner_model_a": 0.0, "winner_model_b": 0.0, "winner_tie": 1.0}, "tie"),
        ({"chosen_model_name": None, "both_equal": True}, "tie"),
        ({"winner_tie": False, "winner_bothbad": "true"}, "both_bad"),
    ],
)
def test_winners_in_columns_of_their_own(flags, choice):
    assert battle(winner=None, **flags).choice == choice


TALK = [
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": [{"type": "text", "text": "# A\n- **b**"}, {"image": None}]},
    {"role": "user", "content": "and"},
    {"role": "assistant", "content": "more"},
]


@pytest.mark.parametrize("form", [list, json.dumps])
def test_turns_lengths_and_marks_are_counted_in_the_texts(form):
    made = battle(conversation_a=form(TALK), conversation_b=form(TALK[:2]))
    assert (made.turns, made.prompt_characters) == (2, 5)
    assert made.style == (15, 1, 1, 1, 11, 1, 1, 1)


UNKNOWN = (0, None, None)


@pytest.mark.parametrize(
    ("texts", "known"),
    [
        (
            {"prompt": '["Hi", null]', "response_a": '["a", "bc"]', "response_b": '["d", "**e**"]'},
            (2, 2, (3, 0, 0, 0, 6, 0, 0, 1)),
        ),
        # One prompt may be the last of several.
        (
            {"prompt": "p", "response_a": "a", "response_b": "[b]"},
            (0, 1, (1, 0, 0, 0, 3, 0, 0, 0)),
        ),
        # Messages without their words still tell how many they are.
        ({"conversation_a": [{"role": "user"}, {"role": "assistant"}] * 2}, (2, None, None)),
        ({"conversation_a": "as text", "conversation_b": "as text"}, UNKNOWN),
        ({"conversation_a": "[" * 100_000, "conversation_b": "[1, 2"}, UNKNOWN),
        ({"conversation_a": [], "conversation_b": [3]}, UNKNOWN),
        ({"prompt": 8, "response_a": "a", "response_b": "b"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
    ids=range(8),
)
def test_what_texts_tell_and_what_stays_unknown(texts, known):
    made = battle(**texts)
    assert (made.turns, made.prompt_characters, made.style) == known


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("1700000000", 1.7e9),
        ("1970-01-01T00:01:00", 60.0),
        ("1970-01-01T01:01:00+01:00", 60.0),
        (datetime(1970, 1, 1, 0, 1), 60.0),
        (1_700_000_000_000, 1.7e9),
        (1_700_000_000_000_000, 1.7e9),
        ("1700000000000000000", 1.7e9),
        ("2023-11-14 22:13:20 UTC", 1.7e9),
        ("2023-11-14T22:13:20.000000000Z", 1.7e9),
        (float("nan"), 99.0),
        ("nan", 99.0),
        (None, 99.0),
        ("", 99.0),
    ],
)
def test_times(told, seconds):
    assert battle(tstamp=told).created == seconds


def test_languages():
    codes = {"Polish": "pl", "en-US": "en", "unknown": "und", None: None}
    assert {told: battle(language=told).language for told in codes} == codes
    assert [battle(language=told).language for told in (["fr"], [], [3])] == ["fr", None, None]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"anony": False}, "not blind"),
        ({"anony": "False"}, "not blind"),
        ({"counted": False, "reason": "too fast"}, "too fast"),
        ({"counted": 0}, "not counted where it comes from"),
        ({"counted": True, "reason": "kept"}, ""),
        ({"counted": False, "reason": "too_fast", "anony": False}, "too_fast, not blind"),
        ({"counted": False, "reason": "identity_shown", "anony": False}, "identity_shown"),
    ],
)
def test_what_does_not_count_there_does_not_count_here(changes, reason):
    assert battle(**changes).reason == reason


@settings(max_examples=50)
@given(st.lists(st.sampled_from([ROW, ROW | {"tstamp": 6.0}, ROW | {"judge": ""}]), max_size=9))
def test_the_same_file_gives_the_same_ids_and_equal_rows_stay_two(rows):
    first, second = (list(map(ForeignVotes(0.0).battle, rows)) for _ in range(2))
    assert first == second
    assert len({each.id for each in first}) == len(rows)


@pytest.mark.parametrize("source", ["judged", "simulated"])
def test_what_an_export_of_ours_says_that_no_people_judged_is_no_vote(source):
    with pytest.raises(NoVote):
        battle(source=source)
    assert {battle(source=value).choice for value in ("own", "oasst", ["judged"], None)} == {"left"}


def test_an_exported_battle_keeps_its_id_whoever_the_visitor_is_said_to_be():
    assert battle(battle="b7", judge="v-1").id == battle(battle="b7", judge="v-2").id
    assert battle(battle="b7").id != battle(battle="b8").id
