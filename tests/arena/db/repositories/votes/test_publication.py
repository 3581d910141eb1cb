"""Consent to publish: given with the first message only, taken back for good, at every replica."""

import itertools
from contextlib import closing

import pytest
from judged import ONE, voted
from replicas import rows, tell
from sqlite_utils.utils import sqlite3
from stored import BLEND, SINGLE, opened

from arena.db.repositories.erasure import pseudonym
from arena.db.store import Store
from arena.models import Battle, Refused, StoreError
from blend.conversation import Conversation

OFFERED = {"publishable": True}


@pytest.fixture
def pair(tmp_path):
    """Two replicas; ann and bob are known to the first."""
    with closing(opened(tmp_path / "a.db")) as one, closing(Store.open(tmp_path / "b.db")) as other:
        yield one, other


def chat(store, visitor="ann", **how):
    """The id of a chat that was opened so."""
    talk = Conversation()
    store.conversations.open(talk, visitor, BLEND.id, "chat", **how)
    return talk.id


def publishable(store):
    return dict(store.database.query("SELECT id, publishable FROM conversations"))


def test_only_what_the_page_offered_and_the_visitor_did_not_keep_private_is_publishable(store):
    before, offered = chat(store), chat(store, **OFFERED)
    store.publication.set_private("ann", True)
    kept, others = chat(store, **OFFERED), chat(store, "bob", **OFFERED)
    battle = Battle("ann", BLEND.id, SINGLE.id, 0.5, "focus")
    store.battles.open(battle, **OFFERED)

    found = publishable(store)
    assert [found[id] for id in (before, offered, kept, others)] == [0, 1, 0, 1]
    assert found[battle.left_conversation] == found[battle.right_conversation] == 0


def test_opening_again_with_another_word_changes_nothing(store):
    talk = Conversation()
    for offered in (False, True):
        store.conversations.open(talk, "ann", BLEND.id, "chat", publishable=offered)
    assert publishable(store) == {talk.id: 0}
    with pytest.raises(StoreError, match="never may be later"):
        store.database.execute("UPDATE conversations SET publishable = 1")


@pytest.mark.parametrize("value", [2, -2, None])
def test_another_value_is_refused(store, value):
    chat(store, **OFFERED)
    connection = sqlite3.connect(store.database.path)
    with closing(connection), pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE conversations SET publishable = ?", (value,))


def test_a_battle_is_withheld_by_its_own_visitor_after_the_vote_and_for_good(store):
    open_battle = Battle("ann", BLEND.id, SINGLE.id, 0.5, "focus")
    store.battles.open(open_battle, **OFFERED)
    mine = voted(store, *ONE, offered=True)
    for battle, visitor, why in (
        (mine, "bob", "another visitor"),
        ("none", "ann", "no such battle"),
        (open_battle.id, "ann", "Vote first"),
    ):
        with pytest.raises(Refused, match=why):
            store.publication.withhold(battle, visitor)
    assert {*publishable(store).values()} == {1}
    assert store.publication.may_publish(mine, "ann")
    assert not store.publication.may_publish(mine, "bob")

    store.publication.withhold(mine, "ann")
    assert not store.publication.may_publish(mine, "ann")
    assert sorted(publishable(store).values()) == [-1, -1, 1, 1]


def test_the_smaller_consent_and_the_later_word_of_a_visitor_stay_in_any_order(pair):
    one, other = pair
    mine, kept = voted(one, *ONE, offered=True), chat(one, **OFFERED)
    tell(one, other)
    other.publication.withhold(mine, "ann")
    for private in (True, False, True):
        other.publication.set_private("ann", private)
        for first, second in ((one, other), (other, one)):
            tell(first, second)
        assert rows(one)["visitors"] == rows(other)["visitors"]
        assert one.publication.is_private("ann") is private
    assert publishable(one) == publishable(other)
    assert publishable(one)[kept] == 1 and [*publishable(one).values()].count(-1) == 2


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))], ids=str)
def test_three_words_of_one_visitor_end_alike_in_any_order(tmp_path, order):
    with closing(opened(tmp_path / "a.db")) as store:
        for n in order:
            with closing(opened(tmp_path / f"{n}.db", clock=lambda n=n: float(n))) as other:
                other.publication.set_private("ann", n != 1)
                tell(other, store)
        last = store.database.query_one("SELECT private, private_at FROM visitors WHERE id = 'ann'")
        assert last == (1, 2.0)


def test_what_is_erased_is_not_publishable_and_comes_back_from_no_copy(pair):
    one, other = pair
    mine, talk = voted(one, *ONE, offered=True), chat(one, **OFFERED)
    theirs = chat(one, "bob", **OFFERED)
    one.publication.record("me/set", 1, publishable(one))
    tell(one, other)
    assert one.erasure.erase_chat(theirs, "bob") and one.erasure.erase_visitor("ann")
    for first, second in ((other, one), (one, other)):
        tell(first, second)
    for store in pair:
        assert {*publishable(store).values()} == {0}
        assert not store.publication.may_publish(mine, pseudonym("ann"))
        assert store.publication.gone("me/set", [1], []) == (4, 0, 0, (1,))
        assert store.publication.published_by(pseudonym("ann")) == 3
    assert talk in publishable(one)


def test_what_earlier_versions_hold_is_counted_by_what_became_of_it(store):
    kept, back, erased, other = (chat(store, **OFFERED) for _ in range(4))
    store.publication.record("me/set", 1, [kept, back])
    store.publication.record("me/set", 2, [kept, erased, other])
    store.publication.record("me/other", 1, [kept])
    assert store.publication.versions("me/set") == [1, 2]
    store.erasure.erase_chat(erased, "ann")
    store.database.execute("UPDATE conversations SET publishable = -1 WHERE id = ?", (back,))

    assert store.publication.gone("me/set", [1, 2], [kept]) == (1, 1, 1, (1, 2))
    assert store.publication.gone("me/set", [2], [kept, other]) == (1, 0, 0, (2,))
    assert store.publication.gone("me/set", [], []) == (0, 0, 0, ())
    assert store.publication.published_by("ann") == 4 and not store.publication.published_by("bob")
    store.publication.record("me/set", 2, [kept])  # the same version once more
    assert store.publication.gone("me/set", [2], [kept]) == (0, 0, 0, ())


def test_words_that_are_dropped_as_old_are_no_consent_and_no_words(store):
    mine = voted(store, *ONE, offered=True)
    store.erasure.expire_texts(store.database.clock() + 86_400 * 9, 5)
    (vote,) = store.judgements.votes("own")
    assert vote.battle == mine and vote.texts == ()
