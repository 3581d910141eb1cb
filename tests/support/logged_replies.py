"""Replies and battles of a store whose log tells who wrote them."""

from contextlib import closing, contextmanager

from stored import unhurried

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Battle
from arena.site.recording import finish_turn, register_visitor, start_turn
from blend.conversation import Draw, Turn


@contextmanager
def logged(folder):
    """A store with a visitor and two contenders, blended and solo."""
    with closing(Store.open(folder / "arena.db", clock=unhurried())) as store:
        register_visitor(store, "ann")
        for id in ("blended", "solo"):
            store.contenders.save(id, id, {})
        yield store


def reply(store, conversation: str, position: int, member: str) -> Turn:
    turn = Turn("Hi", "Hello", Draw(member, 0.5, {"x": 0.5, "y": 0.5}), finished=True)
    start_turn(store, conversation, position, turn)
    finish_turn(store, turn)
    return turn


def battle(store, choice: str, *writers: str) -> None:
    """Blended, whose replies these wrote, on the left of solo, and the vote."""
    opened = Battle("ann", "blended", "solo", 0.5, "focus")
    store.battles.open(opened)
    for position, writer in enumerate(writers):
        store.battles.admit_message(opened.id, "ann", f"Hi {opened.id}", 8)
        reply(store, opened.left_conversation, position, writer)
        reply(store, opened.right_conversation, position, "x")
        store.battles.mark_ready(opened.id)
    cast_vote(store, opened.id, "ann", choice)
