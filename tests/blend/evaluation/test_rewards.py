"""What became of a reply, turn by turn."""

import pytest

from blend.conversation import new_id
from blend.evaluation.rewards import ANSWER, REST, REWARDS, TurnRow, rewards, time_of_id

MADE = TurnRow("", 0, "Hi", "Hello", "x", 0.5, "{}", 0, 1, 2.0, None, 0, 5)


def turn(at: float, position: int = 0, **changes) -> TurnRow:
    stamp = f"{int(at * 1000):012x}"
    return MADE._replace(id=f"{stamp[:8]}-{stamp[8:]}{new_id()[13:]}", position=position, **changes)


def test_an_id_tells_its_moment():
    assert time_of_id(turn(1_700_000_000.25).id) == 1_700_000_000.25
    assert time_of_id("not-an-id") is None
    assert time_of_id("6ba7b810-9dad-11d1-80b4-00c04fd430c8") is None


@pytest.mark.parametrize(
    ("gap", "answered"), [(3, 1.0), (2 + ANSWER, 1.0), (3 + ANSWER, 0.0), (9_999, 0.0)]
)
def test_three_minutes_count_from_the_end_of_the_reply(gap, answered):
    turns = [turn(1000), turn(1000 + gap, 1)]
    assert rewards("answered", turns, "chat", None, 99_999)[0] == answered
    assert rewards("went_on", turns, "chat", None, 99_999)[0] == 1.0


def test_the_last_turn_is_judged_when_enough_time_has_passed():
    turns = [turn(1000)]
    for reward, wait in (("answered", ANSWER), ("went_on", REST)):
        assert rewards(reward, turns, "chat", None, 1002 + wait) == [None]
        assert rewards(reward, turns, "chat", None, 1003 + wait) == [0.0]
    undone = [turn(1000, undone=1)]
    assert rewards("went_on", undone, "chat", None, 1003) == [0.0]


@pytest.mark.parametrize("reward", REWARDS)
def test_a_reply_that_did_not_finish_is_nobodys_success(reward):
    turns = [turn(1000, finished=0, feedback=1), turn(1010, 1, member=None)]
    for kind in ("chat", "battle"):
        assert rewards(reward, turns, kind, 1.0, 99_999) == [None, None]


def test_thumbs_count_anywhere_and_votes_in_battles():
    turns = [turn(1, feedback=1), turn(2, 1, feedback=-1), turn(3, 2)]
    assert rewards("thumb", turns, "battle", None, 9) == [1.0, 0.0, None]
    assert rewards("won", turns, "battle", 0.5, 9) == [0.5, 0.5, 0.5]
    assert rewards("won", turns, "chat", None, 9) == [None] * 3
    assert rewards("answered", turns, "battle", 1.0, 9) == [None] * 3
