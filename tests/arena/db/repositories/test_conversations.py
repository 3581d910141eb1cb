"""What was said, on a real file: it survives a reload, and texts are kept only if asked."""

import json
from dataclasses import replace

import pytest
from stored import BLEND, SINGLE, battle_of, chat, on_disk, opened, row, said

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Battle, Refused
from arena.site.recording import finish_turn, give_feedback, start_turn
from blend.conversation import Conversation, Draw, Sentence, Turn


def test_a_conversation_survives_a_reload(tmp_path):
    first = opened(tmp_path / "arena.db")
    conversation = chat(first, said("Hi", "Hello"), said("And?", "Well", "y"), system="Be kind.")
    first.close()

    again = Store.open(tmp_path / "arena.db")

    assert again.conversations.load(conversation.id, "ann") == conversation
    assert again.conversations.load(conversation.id, "bob") is None
    assert again.conversations.load("nothing", "ann") is None
    again.close()


def test_the_row_is_there_before_the_first_token(store):
    turn = Turn("Hi")
    conversation = Conversation(turns=(turn,))
    store.conversations.open(conversation, "ann", BLEND.id, "chat")

    start_turn(store, conversation.id, 0, turn)

    written = row(store, "turns", turn.id)
    assert (written["prompt"], written["reply"], written["finished"]) == ("Hi", None, 0)
    assert store.conversations.load(conversation.id, "ann") == conversation


def test_a_turn_keeps_its_draw_and_its_features(store):
    turn = said("Hi", "**Hello**")
    chat(store, turn)
    finish_turn(store, turn)

    written = row(store, "turns", turn.id)

    assert (written["member"], written["chance"], written["ahead"]) == ("x", 0.5, 1)
    assert json.loads(written["chances"]) == {"x": 0.5, "y": 0.5}
    assert (written["finish"], written["cut_turns"]) == ("stop", 1)
    assert json.loads(written["features"])["bold"] == 1


def test_all_draws_of_a_reply_are_kept_and_nobody_reads_them_before_the_vote(store):
    turn = said("Hi", "Hello. Well?")
    sentences = (Sentence(turn.draw, 0), Sentence(Draw("y", 0.5, {"x": 0.5, "y": 0.5}), 6))
    turn = replace(turn, sentences=sentences)
    conversation = chat(store, turn)

    (loaded,) = store.conversations.load(conversation.id, "ann").turns
    assert loaded.sentences[1:] == sentences[1:] and loaded.draw == turn.draw
    assert [(d.member, text) for d, text in loaded.parts] == [("x", "Hello."), ("y", " Well?")]
    assert loaded.writers == ("x", "y")

    battle = battle_of(store, "streaming")
    side = Conversation(battle.left_conversation, turns=(replace(turn, id="second"),))
    store.conversations.open(side, "ann", BLEND.id, "battle")
    start_turn(store, side.id, 0, side.turns[0])
    finish_turn(store, side.turns[0])
    (blind,) = store.conversations.load(side.id, "ann").turns
    assert (blind.reply, blind.draw, blind.sentences) == ("Hello. Well?", None, ())


def test_regenerated_and_undone_turns_are_kept_but_not_loaded(store):
    first, replaced, better = said("Hi", "Hello"), said("And?", "Meh"), said("And?", "Well")
    conversation = chat(store, first, replaced)
    start_turn(store, conversation.id, 1, better, parent=replaced.id)
    finish_turn(store, better)

    assert store.conversations.load(conversation.id, "ann").turns == (first, better)
    store.conversations.undo_turn(better.id, "ann")
    assert store.conversations.load(conversation.id, "ann").turns == (first,)
    assert row(store, "turns", replaced.id)["reply"] == "Meh"


def test_before_the_vote_a_battles_turns_tell_no_member(store):
    battle = battle_of(store, "streaming")
    turn = replace(said("Hello?", "Hi!"), finished=False, error="x: out of memory")
    start_turn(store, battle.left_conversation, 0, turn)
    finish_turn(store, turn)
    store.battles.mark_ready(battle.id)

    def loaded():
        return store.conversations.load(battle.left_conversation, "ann").turns

    blind = Turn("Hello?", "Hi!", error="This reply could not be finished.", id=turn.id)
    assert loaded() == (blind,)
    cast_vote(store, battle.id, "ann", "tie")
    assert loaded() == (turn,)


def test_feedback_is_its_visitors_own(store):
    turn = said("Hi", "Hello")
    chat(store, turn)

    give_feedback(store, turn.id, "ann", 1)
    with pytest.raises(Refused, match="not part of a conversation of yours"):
        give_feedback(store, turn.id, "bob", -1)
    with pytest.raises(Refused, match="thumb"):
        give_feedback(store, turn.id, "ann", 7)

    assert row(store, "turns", turn.id)["feedback"] == 1
    give_feedback(store, turn.id, "ann", None)
    assert row(store, "turns", turn.id)["feedback"] is None


def test_a_reason_is_its_thumbs_own_and_goes_with_it(store):
    turn = said("Hi", "Hello")
    talk = chat(store, turn)
    set_reason, kept = store.conversations.set_feedback_reason, ("more_helpful", "Kürze")

    def reasons():
        return store.conversations.load(talk.id, "ann").turns[0].feedback_reasons

    give_feedback(store, turn.id, "ann", 1)
    for reason in ("more_helpful", "better_style", "Kürze", "more_helpful"):
        set_reason(turn.id, "ann", 1, reason, True)
    assert set_reason(turn.id, "ann", 1, "better_style", False) == reasons() == (kept[1], kept[0])
    for visitor, value in (("bob", 1), ("ann", -1)):
        with pytest.raises(Refused):
            set_reason(turn.id, visitor, value, "rude_or_unsafe", True)
    give_feedback(store, turn.id, "ann", 1)
    assert reasons() == (kept[1], kept[0])
    store.erasure.erase_chat(talk.id, "ann")
    assert row(store, "turns", turn.id)["feedback_reasons"] == '["Kürze", "more_helpful"]'
    give_feedback(store, turn.id, "ann", -1)
    assert row(store, "turns", turn.id)["feedback_reasons"] is None


def test_undo_is_refused_in_a_battle_and_to_others(store):
    battle, mine = battle_of(store, "streaming"), said("Hi", "Hello")
    fought = said("Hello?", "Hi!")
    start_turn(store, battle.left_conversation, 0, fought)
    chat(store, mine)

    with pytest.raises(Refused, match="stays said"):
        store.conversations.undo_turn(fought.id, "ann")
    with pytest.raises(Refused, match="not part"):
        store.conversations.undo_turn(mine.id, "bob")


def test_a_conversation_of_anothers_cannot_be_opened(store):
    conversation = chat(store)

    with pytest.raises(Refused, match="another visitor"):
        store.conversations.open(conversation, "bob", BLEND.id, "chat")


def test_without_texts_no_text_is_in_the_file(tmp_path):
    store = opened(tmp_path / "arena.db", keep_texts=False)
    turn = said("Zanzibar secret", "Quetzal answer **loud**")
    conversation = chat(store, turn, system="Xylophone persona")
    battle = Battle("ann", BLEND.id, SINGLE.id, 0.5, "focus")
    store.battles.open(battle)
    store.battles.admit_message(battle.id, "ann", "Zanzibar secret", 5)

    live = on_disk(tmp_path / "arena.db")
    assert store.conversations.load(conversation.id, "ann") is None
    assert json.loads(row(store, "turns", turn.id)["features"])["bold"] == 1
    store.close()

    for text in (b"Zanzibar", b"Quetzal", b"Xylophone"):
        assert text not in live + on_disk(tmp_path / "arena.db")
