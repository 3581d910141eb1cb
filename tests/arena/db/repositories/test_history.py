"""A visitor's list of chats: their own only, each once, newest first, found by words, renamed."""

from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored import BLEND, battle_of, chat, opened, row, said

from arena.db.merge import find_unfit
from arena.db.repositories.history import (
    CHATS,
    FIRST,
    LONGEST_TITLE,
    NOT_HERE,
    short_title,
)
from arena.models import Refused
from arena.site.recording import finish_turn, start_turn
from blend.conversation import Conversation


def titles(store, visitor="ann", **how):
    return [each.title for each in store.history.page(visitor, **how)]


def regenerate(store, conversation, reply):
    """Its last turn drawn anew."""
    last = conversation.turns[-1]
    better = said(last.prompt, reply)
    start_turn(store, conversation.id, len(conversation.turns) - 1, better, parent=last.id)
    finish_turn(store, better)
    return replace(conversation, turns=(*conversation.turns[:-1], better))


def test_the_newest_activity_stands_first_whatever_began_last(store):
    first, second = chat(store, said("One", "Hi")), chat(store, said("Two", "Hi"))
    assert titles(store) == ["Two", "One"]
    more = said("And?", "Well")
    start_turn(store, first.id, 1, more)
    assert titles(store) == ["One", "Two"]
    store.history.rename(second.id, "ann", "Renamed")
    assert titles(store) == ["One", "Renamed"], "a new title is no activity"


def test_only_what_the_visitor_can_open_is_listed(store):
    chat(store)  # nobody said anything in it
    taken_back = chat(store, said("Undone", "Hi"))
    store.conversations.undo_turn(taken_back.turns[0].id, "ann")
    store.conversations.open(host := Conversation(), "ann", BLEND.id, "chat", preview=True)
    start_turn(store, host.id, 0, said("Preview", "Hi"))
    start_turn(store, battle_of(store, "streaming").left_conversation, 0, said("Battle", "Hi"))
    kept = chat(store, said("Kept", "Hi"))
    store.conversations.dismiss([kept.id], "ann")

    assert titles(store) == ["Kept"], "also one that was cleared: it was left, not deleted"
    assert titles(store, "bob") == []
    assert store.history.find(kept.id, "bob") is None is store.history.find(host.id, "ann")
    assert store.history.find(kept.id, "ann") == store.history.page("ann")[0]


def test_a_regenerated_message_is_listed_once_and_what_it_replaced_is_not_searched(store):
    conversation = regenerate(store, chat(store, said("Hello", "old reply")), "new reply")
    assert titles(store) == titles(store, search="NEW") == ["Hello"]
    assert titles(store, search="old") == []
    assert store.conversations.load(conversation.id, "ann") == conversation


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("apple PIE", ["Recipes"]),
        ("pie apple", ["Recipes"]),
        ("  ", ["Recipes", "100 % wool_cap", "Grüße aus Ägypten"]),
        ("%", ["100 % wool_cap"]),
        ("l_c", ["100 % wool_cap"]),
        ("_", ["100 % wool_cap"]),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("ÄGYPTEN", ["Grüße aus Ägypten"]),
        ("ägypten grüße", ["Grüße aus Ägypten"]),
        ("recipes", ["Recipes"]),
        ("Hello", ["Recipes"]),
        ("nothing", []),
        ("apple " * 500, ["Recipes"]),
    ],
)
def test_words_are_found_in_titles_and_messages_and_mean_only_themselves(store, search, found):
    chat(store, said("Grüße aus Ägypten", "Danke"))
    chat(store, said("100 % wool_cap", "Fine"))
    named = chat(store, said("Hello", "A pie of apple"))
    store.history.rename(named.id, "ann", "Recipes")
    assert titles(store, search=search) == found


def test_a_title_is_the_first_message_until_it_is_renamed_and_again_after(store):
    conversation = chat(store, said("Hello", "Hi"))
    store.history.rename(conversation.id, "ann", "  A\n<b>bold</b>\ttitle \u202e ")
    assert titles(store) == ["A <b>bold</b> title \u202e"]
    store.history.rename(conversation.id, "ann", " \n ")
    assert titles(store) == ["Hello"]
    with pytest.raises(Refused, match="at most 120"):
        store.history.rename(conversation.id, "ann", "x" * (LONGEST_TITLE + 1))


def test_nobody_renames_what_is_anothers_and_learns_nothing_of_it(store):
    conversation = chat(store, said("Hello", "Hi"))
    for id, visitor in ((conversation.id, "bob"), ("nothing", "ann"), ("", "")):
        with pytest.raises(Refused) as refusal:
            store.history.rename(id, visitor, "Mine")
        assert refusal.value.name == NOT_HERE
    assert row(store, "conversations", conversation.id)["titled"] is None


def test_without_texts_nothing_is_listed_and_no_title_is_stored(tmp_path):
    with closing(opened(tmp_path / "arena.db", keep_texts=False)) as store:
        conversation = chat(store, said("Hello", "Hi"))
        assert titles(store) == []
        with pytest.raises(Refused, match="no such chat"):
            store.history.rename(conversation.id, "ann", "A secret")


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_a_short_title_is_one_line_that_begins_like_the_text(text):
    title = short_title(text)
    assert len(title) <= 61 and title == " ".join(title.split())
    assert not title.endswith("…") or title[:-1].split() == title[:-1].strip().split()
    if text.isprintable() and "\ufffd" not in text:
        assert " ".join(text.split()).startswith(title.removesuffix("…")) or "…" in text


def test_a_short_title_is_cut_after_a_word():
    assert short_title("word " * 30) == "word " * 11 + "word…"
    assert short_title("x" * 90) == "x" * 60 + "…"


@settings(max_examples=30)
@given(st.lists(st.text(min_size=1, max_size=LONGEST_TITLE), min_size=1, max_size=5))
def test_no_title_makes_a_file_that_others_refuse(given_titles):
    with closing(opened(":memory:")) as store:
        conversation = chat(store, said("Hello", "Hi"))
        for title in given_titles:
            store.history.rename(conversation.id, "ann", title)
            assert find_unfit(store.database) is None


ACTS = st.lists(
    st.tuples(st.sampled_from(("begin", "say", "undo", "again", "rename", "delete", "expire")),
              st.integers(0, 9)),
    max_size=25,
)  # fmt: skip


@settings(max_examples=40)
@given(ACTS, st.integers(1, 4))
def test_pages_show_each_chat_that_can_be_opened_once_and_in_order(acts, size):
    with closing(opened(":memory:")) as store:
        chats = []
        for act, number in acts:
            if act == "begin":
                chats.append(chat(store, said("Hello", "Hi")))
            elif chats:
                _do(store, act, chats, number % len(chats))
        pages, after = [], FIRST
        while page := store.history.page("ann", after, limit=size):
            pages += page
            after = page[-1].place
        assert pages == sorted(pages, key=lambda each: each.place, reverse=True)
        assert [each.id for each in pages] == list(dict.fromkeys(each.id for each in pages))
        loaded = [store.conversations.load(each.id, "ann") for each in chats]
        assert {each.id for each in pages} == {each.id for each in loaded if each and each.turns}


def _do(store, act, chats, index):
    conversation = chats[index]
    open_now = store.conversations.load(conversation.id, "ann")
    if act == "expire":
        created = row_created(store, conversation.id)
        store.erasure.expire_texts(created + 86_401, 1)
    elif act == "delete":
        store.erasure.erase_chat(conversation.id, "ann")
    elif open_now and act == "rename":
        if open_now.turns:
            store.history.rename(conversation.id, "ann", f"Title {index}")
    elif open_now and act == "say":
        start_turn(store, conversation.id, len(open_now.turns), said("More", "Hi"))
    elif open_now and open_now.turns:
        if act == "undo":
            store.conversations.undo_turn(open_now.turns[-1].id, "ann")
        else:
            regenerate(store, open_now, "Better")


def row_created(store, id):
    return store.database.query_one("SELECT created FROM conversations WHERE id = ?", (id,))[0]


def test_the_list_is_read_by_its_index_and_sorts_nothing(store):
    sql = f"EXPLAIN QUERY PLAN {CHATS} AND (c.active, c.id) < (9, 'x')"
    sql += " ORDER BY c.active DESC, c.id DESC LIMIT 50"
    plan = [line[3] for line in store.database.query(sql, {"visitor": "ann"})]
    assert plan[0] == (
        "SEARCH c USING INDEX conversations_history (visitor=? AND (active,id)<(?,?))"
    )
    # All that is asked of the turns is asked of those of one chat.
    rest = [line for line in plan[1:] if "SUBQUERY" not in line]
    assert rest and all(
        line.startswith("SEARCH") and "turns_conversation (conversation=?" in line for line in rest
    ), plan
