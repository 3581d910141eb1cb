"""What is deleted is gone: from the rows, from the file's bytes, from what comes later."""

import pytest
from stored import fill, on_disk, votes_of

from arena.db.replica import Replica
from arena.db.repositories.erasure import DAY, pseudonym
from arena.db.store import Store
from arena.models import Refused
from arena.site.recording import finish_turn, register_visitor, start_turn
from blend.conversation import Conversation, Draft, Selection, Turn

NOW = 1_800_000_000.0


def chatted(store: Store, visitor: str, words: str, at: float = NOW) -> Turn:
    """A chat of one turn, whose every text holds the words; a failed one, for its error."""
    store.database.clock = lambda: at
    store.contenders.save("c", "C", {})
    register_visitor(store, visitor, f"address of {visitor}")
    talk = Conversation(system=f"system {words}")
    store.conversations.open(talk, visitor, "c", "chat")
    selection = Selection("judge", (Draft("elm", f"draft {words}"),), "written")
    texts = {"error": f"error {words}", "selection": selection}
    turn = Turn(f"prompt {words}", f"reply {words}", **texts)
    start_turn(store, talk.id, 0, turn, exposure=None)
    finish_turn(store, turn)
    return turn


def texts(store: Store) -> list[tuple]:
    return store.database.query(
        "SELECT system, prompt, reply, error FROM turns t"
        " JOIN conversations c ON c.id = t.conversation ORDER BY opened"
    )


def test_forgetting_takes_texts_id_and_address_out_of_the_file(store, tmp_path):
    path = tmp_path / "arena.db"
    fill(store, 12)
    chatted(store, "somebody", "zebra")
    chatted(store, "another", "giraffe")
    assert all(word in on_disk(path) for word in (b"zebra", b"somebody"))
    assert store.erasure.erase_visitor("somebody")
    assert b"zebra" not in on_disk(path) and b"somebody" not in on_disk(path)
    assert b"giraffe" in on_disk(path) and b"another" in on_disk(path)
    store.close()
    assert b"zebra" not in on_disk(path) and b"somebody" not in on_disk(path)


def test_forgetting_leaves_votes_and_whose_they_are_together(store):
    fill(store, 12)
    before = votes_of(store)
    assert store.erasure.erase_visitor("v1")
    alias = pseudonym("v1")
    assert votes_of(store) == [
        vote._replace(visitor=alias if vote.visitor == "v1" else vote.visitor) for vote in before
    ]
    addresses = store.database.query(
        "SELECT v.address FROM votes v JOIN battles b ON b.id = battle WHERE visitor = ?",
        (alias,),
    )
    assert len(addresses) > 1 and {*addresses} == {(None,)}
    assert store.database.query("PRAGMA foreign_key_check") == []


def test_prompts_cannot_be_guessed_and_still_be_told_alike(store):
    fill(store, 6, visitors=1)
    (before,) = store.database.query_one("SELECT DISTINCT prompt_hash FROM battles")
    store.erasure.erase_visitor("v0")
    (after,) = store.database.query_one("SELECT DISTINCT prompt_hash FROM battles")
    assert before not in store.database.query_one("SELECT group_concat(features) FROM turns")[0]
    assert after != before and after.startswith("f-")


def test_whoever_is_unknown_changes_nothing_and_a_forgotten_id_takes_nothing_more(store):
    chatted(store, "v", "zebra")
    before = store.database.query("SELECT * FROM visitors"), Replica(store.database).deletions()
    assert not store.erasure.erase_visitor("nobody") and not store.erasure.is_erased("nobody")
    after = store.database.query("SELECT * FROM visitors"), Replica(store.database).deletions()
    assert after == before
    store.erasure.erase_visitor("v")
    assert store.erasure.is_erased("v") and not store.erasure.erase_visitor("v")
    with pytest.raises(Refused, match="has been deleted"):
        register_visitor(store, "v")


def test_a_reply_that_ends_after_the_deletion_leaves_no_words(store):
    store.contenders.save("c", "C", {})
    register_visitor(store, "v")
    talk, turn = Conversation(system="zebra"), Turn("zebra")
    store.conversations.open(talk, "v", "c", "chat")
    start_turn(store, talk.id, 0, turn)
    store.erasure.erase_visitor("v")
    finish_turn(store, Turn("zebra", "zebra", error="zebra", id=turn.id))
    assert texts(store) == [(None, None, None, "")]
    assert store.database.query("SELECT features ->> 'prompt_hash' FROM turns") == [(None,)]


KEPT = """
    SELECT features, visitor FROM turns t JOIN conversations c ON c.id = t.conversation
    ORDER BY opened"""


def test_old_texts_go_and_features_stay(store, tmp_path):
    path = tmp_path / "arena.db"
    chatted(store, "v", "zebra", NOW - 31 * DAY)
    chatted(store, "v", "giraffe", NOW - 29 * DAY)
    kept = store.database.query(KEPT)
    assert store.erasure.expire_texts(NOW, 30) == 3  # a turn, its draft, a persona
    assert store.erasure.expire_texts(NOW, 30) == 0
    words = [f"{kind} giraffe" for kind in ("system", "prompt", "reply", "error")]
    assert texts(store) == [(None, None, None, ""), tuple(words)]
    assert kept == store.database.query(KEPT)
    assert b"zebra" not in on_disk(path)


def test_a_chat_that_its_visitor_deletes_leaves_its_counts_and_no_word_in_the_file(store, tmp_path):
    path = tmp_path / "arena.db"
    fill(store, 3)
    gone, kept = chatted(store, "v", "zebra"), chatted(store, "v", "giraffe")
    id, other = (conversation_of(store, turn) for turn in (gone, kept))
    store.history.rename(id, "v", "zebra crossing")
    before = counts(store)
    assert not store.erasure.erase_chat(id, "w") and not store.erasure.erase_chat("x", "v")
    assert b"zebra" in on_disk(path)
    assert store.erasure.erase_chat(id, "v") and not store.erasure.erase_chat(id, "v")
    assert b"zebra" not in on_disk(path) and b"giraffe" in on_disk(path)
    assert Replica(store.database).deletions() == (1, 0), "copies elsewhere must go as well"
    assert counts(store) == before
    assert store.conversations.load(id, "v") is None
    assert [each.id for each in store.history.page("v")] == [other]


def test_nothing_more_is_said_in_a_chat_that_was_deleted(store):
    turn = chatted(store, "v", "zebra")
    id = conversation_of(store, turn)
    start_turn(store, id, 1, asked := Turn("zebra"))
    store.erasure.erase_chat(id, "v")
    finish_turn(store, Turn("zebra", "zebra", error="zebra", id=asked.id))
    with pytest.raises(Refused, match="was deleted"):
        start_turn(store, id, 2, Turn("zebra"))
    store.conversations.open(Conversation(id), "v", "c", "chat")
    assert texts(store) == [(None, None, None, "")] * 2
    hashes = store.database.query("SELECT features ->> 'prompt_hash' FROM turns")
    assert hashes == [(None,), (None,)]


def test_the_sides_of_a_battle_are_deleted_with_their_visitor_only(store):
    fill(store, 1)
    (side,) = store.database.query_one("SELECT left_conversation FROM battles")
    assert not store.erasure.erase_chat(side, "v0")
    assert store.conversations.load(side, "v0")


@pytest.mark.parametrize(
    "delete",
    [
        lambda store: store.erasure.expire_texts(NOW + 31 * DAY, 30),
        lambda store: store.erasure.erase_visitor("v"),
        lambda store: store.erasure.drop_texts(),
    ],
    ids=("old texts", "their visitor", "all texts"),
)
def test_titles_go_with_old_texts_and_with_their_visitor(store, delete):
    turn = chatted(store, "v", "giraffe")
    store.history.rename(conversation_of(store, turn), "v", "zebra crossing")
    assert delete(store)
    assert store.database.query("SELECT title FROM conversations") == [(None,)]


def conversation_of(store: Store, turn: Turn) -> str:
    (id,) = store.database.query_one("SELECT conversation FROM turns WHERE id = ?", (turn.id,))
    return id


def counts(store: Store) -> list[list[tuple]]:
    """What experiments and policies are judged by."""
    return [
        store.database.query("SELECT * FROM visits"),
        store.database.query(
            "SELECT id, conversation, position, member, chance, chances, finished, feedback,"
            " json_remove(features, '$.prompt_hash'), error IS NULL FROM turns ORDER BY id"
        ),
    ]


def explained(store: Store, visitor: str, words: str) -> str:
    """The visitor's latest vote, with a reason and a comment of these words."""
    (battle,) = store.database.query_one(
        "SELECT id FROM battles WHERE visitor = ? ORDER BY rowid DESC", (visitor,)
    )
    store.vote_reasons.give(battle, visitor, "left", ["more_helpful"])
    store.vote_reasons.comment(battle, visitor, words)
    return battle


def test_a_comment_goes_with_its_visitor_and_reasons_stay(store, tmp_path):
    path = tmp_path / "arena.db"
    fill(store, 12)
    explained(store, "v1", "zebra")
    battle = explained(store, "v2", "giraffe")
    before = store.vote_reasons.counts(), store.vote_reasons.givers("own")
    store.erasure.erase_visitor("v1")
    assert b"zebra" not in on_disk(path) and b"giraffe" in on_disk(path)
    assert (store.vote_reasons.counts(), store.vote_reasons.givers("own")) == before
    names = store.database.query("SELECT DISTINCT visitor FROM reason_givers")
    assert {*names} == {("v0",), ("v2",), (pseudonym("v1"),)}
    with pytest.raises(Refused, match="not yours"):
        store.vote_reasons.comment(battle, "v1", "okapi")


def test_old_comments_go_and_reasons_stay(store, tmp_path):
    path = tmp_path / "arena.db"
    fill(store, 12)
    battle = explained(store, "v1", "zebra")
    assert store.erasure.expire_texts(store.database.clock(), 30) == 0
    store.erasure.expire_texts(store.database.clock() + 31 * DAY, 30)
    notes = store.vote_reasons.of(battle, "v1")
    assert (notes.comment, notes.reasons["left"]) == ("", ("more_helpful",))
    assert b"zebra" not in on_disk(path)
