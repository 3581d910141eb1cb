"""The log on a real file: what was said of each member."""

import pytest

from arena.store import Battle, Store
from blend.conversation import Conversation, Draw, Turn
from blend.thompson import Merit


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "arena.db")
    store.visitor("ann")
    for id in ("blended", "solo"):
        store.contender(id, id, {})
    yield store
    store.close()


def reply(store, conversation: str, position: int, member: str) -> Turn:
    turn = Turn("Hi", "Hello", Draw(member, 0.5, {"x": 0.5, "y": 0.5}), finished=True)
    store.open_turn(conversation, position, turn)
    store.close_turn(turn)
    return turn


def thumbs(store, contender: str, *given: tuple[str, int | None]) -> None:
    conversation = Conversation()
    store.open_conversation(conversation, "ann", contender, "chat")
    for position, (member, thumb) in enumerate(given):
        turn = reply(store, conversation.id, position, member)
        store.feedback(turn.id, "ann", thumb)


def battle(store, choice: str, *writers: str) -> None:
    """Blended, whose replies these wrote, on the left of solo, and the vote."""
    opened = Battle("ann", "blended", "solo", 0.5, "focus")
    store.open_battle(opened)
    for position, writer in enumerate(writers):
        store.start_turn(opened.id, "ann", "Hi", 8)
        reply(store, opened.left_conversation, position, writer)
        reply(store, opened.right_conversation, position, "x")
        store.ready(opened.id)
    store.vote(opened.id, "ann", choice)


def test_thumbs_are_counted_by_member_for_the_contenders_asked_for(store):
    thumbs(store, "blended", ("x", 1), ("x", -1), ("y", 1), ("y", None))
    thumbs(store, "solo", ("x", 1))

    assert store.merits(["blended"]) == {"x": Merit(1, 1), "y": Merit(1, 0)}
    assert store.merits(["blended", "solo"])["x"] == Merit(2, 1)
    assert store.merits([]) == {}


def test_a_vote_is_shared_by_those_who_wrote(store):
    battle(store, "left", "x", "x", "y", "y")
    battle(store, "tie", "x")
    battle(store, "both_bad", "y")

    assert store.merits(["blended"]) == {"x": Merit(1, 0.5), "y": Merit(0.5, 1)}
    assert store.merits(["solo"]) == {"x": Merit(0.5, 2.5)}


def test_an_empty_log_tells_nothing(store):
    assert store.merits(["blended"]) == {}
