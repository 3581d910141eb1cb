"""Which turns a fit stands on: those drawn among the same members, under whichever policy."""

from contextlib import closing

import pytest

from arena.cli.turn_pool import choose_pool, logged_turns, need_reward, need_texts
from arena.command import CommandError
from arena.db.store import Store
from arena.site.recording import finish_turn, give_feedback, register_visitor, start_turn
from blend.conversation import Conversation, Draw, Turn


def member(name: str, weights: str = "1") -> dict:
    return {"name": name, "weights": weights}


def blend(store, id: str, name: str, turns: int, *members: dict, policy: str = "uniform") -> None:
    """A contender and its one conversation, with a thumb up on each turn."""
    store.contenders.save(id, name, {"members": list(members), "policy": policy})
    talk = Conversation()
    store.conversations.open(talk, "ann", id, "chat")
    for position in range(turns):
        turn = Turn("Hi", "Hello", Draw("x", 0.5, {"x": 0.5, "y": 0.5}), finished=True)
        start_turn(store, talk.id, position, turn)
        finish_turn(store, turn)
        give_feedback(store, turn.id, "ann", 1)


@pytest.fixture(params=[True], ids=["texts"])
def store(tmp_path, request):
    with closing(Store.open(tmp_path / "arena.db", keep_texts=request.param)) as store:
        register_visitor(store, "ann")
        yield store


def test_policies_over_the_same_members_are_one_pool(store):
    blend(store, "1", "Blended", 3, member("x"), member("y"))
    blend(store, "2", "Learned", 2, member("y"), member("x"), policy="learned")
    blend(store, "3", "Blended", 4, member("x", "new"), member("y"))
    blend(store, "4", "Solo", 9, member("x"))
    found = choose_pool(store)

    assert (set(found.contenders), found.turns, found.with_text) == ({"1", "2"}, 5, 5)
    assert found.title == "Blended, Learned" and set(found.members) == {"x", "y"}
    assert len(list(logged_turns(store, found, "thumb"))) == 5
    assert choose_pool(store, "Learned").contenders == found.contenders


def test_what_cannot_be_done_is_said(store):
    with pytest.raises(CommandError, match="no turn that was drawn among several members"):
        choose_pool(store)
    blend(store, "1", "Blended", 3, member("x"), member("y"))
    with pytest.raises(CommandError, match="no turns of a blend 'Other': it has Blended"):
        choose_pool(store, "Other")
    with pytest.raises(CommandError, match=r"none of the 3 turns .* tells the reward 'won'"):
        need_reward(0, store, choose_pool(store), "won")
    store.contenders.save("2", "Council", {"members": [member("x")], "judge": member("y")})
    with pytest.raises(CommandError, match=r"'Council' is a panel: .* no chances"):
        choose_pool(store, "Council")


@pytest.mark.parametrize("store", [False], indirect=True, ids=["no texts"])
def test_without_texts_there_is_nothing_to_read(store):
    blend(store, "1", "Blended", 3, member("x"), member("y"))
    with pytest.raises(CommandError, match=r"keeps no texts \(texts = false"):
        need_texts(store, choose_pool(store))
