"""Chats that several replicas have: the last title, every message, no word of what was deleted."""

import random
import shutil
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from replicas import rows, take, tell

from arena.db.replica import Replica
from arena.db.store import Store
from arena.models import Refused
from arena.site.recording import finish_turn, register_visitor, start_turn
from blend.conversation import Conversation, Turn


def chats_of(store: Store) -> list[tuple[str, str]]:
    return [(each.id, each.title) for each in store.history.page("v")]


def test_the_last_title_stays_and_the_newest_message_whichever_comes_last(pair):
    one, other = pair
    id, word = begun(one, "Hello"), begun(one, "World")
    old = tell(one, other)
    one.history.rename(id, "v", "First")
    at = one.database.clock()
    other.database.clock = lambda: at + 60
    other.history.rename(id, "v", "Last")
    start_turn(one, id, 1, Turn("And?"))
    take(other, tell(one, other), tell(other, one), old)
    assert rows(one) == rows(other)
    assert chats_of(one) == [(id, "Last"), (word, "World")]
    one.database.clock = lambda: at + 120
    one.history.rename(id, "v", "")
    tell(one, other)
    tell(other, one)
    assert chats_of(one) == chats_of(other) == [(id, "Hello"), (word, "World")]


def test_a_chat_that_was_deleted_does_not_come_back_and_goes_where_it_is(pair):
    one, other = pair
    id, kept = begun(one, "Zebra"), begun(one, "Kept")
    old = tell(one, other)
    other.history.rename(id, "v", "Zebra crossing")
    start_turn(other, id, 1, Turn("Zebra?"))
    late = tell(other, other)
    assert one.erasure.erase_chat(id, "v")
    take(one, old, late)
    assert Replica(one.database).deletions() == (3, 0), "what still has them must go, each time"
    take(other, tell(one, other), old, late)
    assert rows(one) == rows(other) and chats_of(one) == chats_of(other) == [(kept, "Kept")]
    for store in pair:
        assert b"Zebra" not in Path(store.database.path).read_bytes()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(("say", "name", "delete", "leave")), st.booleans(),
                       st.integers(0, 3)), max_size=6),
    st.integers(0, 2**32).map(random.Random),
)  # fmt: skip
def test_chats_that_replicas_change_at_once_end_alike(acts, rng):
    with TemporaryDirectory() as place:
        base = Path(place, "base.db")
        with closing(Store.open(base)) as store:
            store.database.clock = lambda: 5.0
            id = begun(store, "Hello")
        replicas = [Store.open(shutil.copy(base, Path(place, name))) for name in ("a", "b")]
        for act, which, at in acts:
            store = replicas[which]
            store.database.clock = lambda at=at: 10.0 + at
            with suppress(Refused):
                _change(store, act, id, f"{act} {at}")
        told = [tell(store, store) for store in replicas]
        for store in replicas:
            take(store, *rng.sample(told, 2), *rng.sample(told, 2))
        one, other = map(rows, replicas)
        deleted = replicas[0].database.query_one("SELECT deleted, title, system FROM conversations")
        for store in replicas:
            store.close()
        assert one == other
        times = [10.0 + at for act, _, at in acts if act == "delete"]
        assert deleted[0] in times if times else deleted[0] is None
        assert not times or deleted[1:] == (None, None)


def _change(store: Store, act: str, id: str, text: str) -> None:
    if act == "say":
        position = len(store.conversations.active_turns(id))
        start_turn(store, id, position, Turn(text))
    elif act == "name":
        store.history.rename(id, "v", text)
    elif act == "leave":
        store.conversations.dismiss([id], "v")
    else:
        store.erasure.erase_chat(id, "v")


def begun(store: Store, text: str) -> str:
    """The id of a chat of v's that begins with the text."""
    store.contenders.save("c", "C", {})
    register_visitor(store, "v")
    store.conversations.open(talk := Conversation(), "v", "c", "chat")
    start_turn(store, talk.id, 0, turn := Turn(text))
    finish_turn(store, replace(turn, reply=text, finished=True))
    return talk.id
