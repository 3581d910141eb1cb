"""The drafts of a panel: kept with their turn, hidden before a vote, merged, and no evidence."""

from contextlib import closing
from dataclasses import replace

from replicas import rows, tell
from stored import BLEND, battle_of, chat, opened, said

from arena.battle.voting import cast_vote
from arena.site.recording import finish_turn, start_turn
from blend.conversation import Draft, Draw, Selection, Usage

DRAFTS = (
    Draft("elm", "Elm says hi.", Usage(9, 4, 3, 1, "stop"), picked=True),
    Draft("oak", "Oak says hi.", Usage(8, 0, 3)),
)
SELECTION = Selection("judge", DRAFTS, "judged")


def answered(prompt="Hi"):
    """A turn that a panel answered."""
    turn = said(prompt, "Elm says hi.", "elm")
    return replace(turn, draw=Draw("elm", None, {}), selection=SELECTION)


def test_a_turn_comes_back_with_its_drafts_in_their_order(store):
    turn = answered()
    talk = chat(store, said("Before", "Yes"), turn)
    finish_turn(store, turn)  # a second time changes nothing
    plain, back = store.conversations.load(talk.id, "ann").turns
    assert plain.selection is None
    assert (back.selection, back.draw) == (SELECTION, Draw("elm", None, {}))


def test_no_draft_comes_back_before_the_vote_and_all_do_after(store):
    battle = battle_of(store, "streaming")
    for side in (battle.left_conversation, battle.right_conversation):
        turn = answered()
        start_turn(store, side, 0, turn)
        finish_turn(store, turn)
    store.battles.mark_ready(battle.id)

    (blind,) = store.conversations.load(battle.left_conversation, "ann").turns
    assert (blind.reply, blind.selection, blind.draw) == ("Elm says hi.", None, None)
    cast_vote(store, battle.id, "ann", "left")
    (seen,) = store.conversations.load(battle.left_conversation, "ann").turns
    assert seen.selection == SELECTION


def test_without_texts_who_drafted_stays_and_no_word(tmp_path):
    with closing(opened(tmp_path / "arena.db", keep_texts=False)) as store:
        talk = chat(store, answered())
        kept = store.drafts.of(talk.id).popitem()[1]
        assert [(d.member, d.text, d.picked) for d in kept.drafts] == [
            ("elm", "", True),
            ("oak", "", False),
        ]


def test_drafts_go_where_their_turn_goes_and_the_words_of_one_file_stay(tmp_path):
    with (
        closing(opened(tmp_path / "a.db")) as one,
        closing(opened(tmp_path / "b.db", keep_texts=False)) as other,
    ):
        talk = chat(one, answered())
        tell(one, other)
        tell(other, one)
        assert one.drafts.of(talk.id) == {talk.turns[0].id: SELECTION}
        assert [d.text for d in other.drafts.of(talk.id)[talk.turns[0].id].drafts] == ["", ""]
        one.erasure.erase_visitor("ann")
        tell(one, other)
        assert rows(one)["drafts"] == rows(other)["drafts"]
        assert all(row[3] is None for row in rows(one)["drafts"])


def test_a_panels_turns_judge_no_policy_and_tell_no_members_merit(store):
    turn, drawn = replace(answered(), id="t1"), replace(said("And?", "Good", "x"), id="t2")
    talk = chat(store, turn, drawn)
    for each in (turn, drawn):
        store.conversations.set_feedback(each.id, "ann", 1)
    log = list(store.turn_log.logged_turns([BLEND.id], "thumb", 2e9))

    assert [row.draw.member for row in log] == ["x"]
    assert [t.reply for t in log[0].conversation.turns] == ["Elm says hi.", ""]
    assert [turns for _, turns, _ in store.turn_log.drawn_contenders()] == [1]
    assert set(store.turn_log.preference_counts([BLEND.id])) == {"x"}
    assert talk.turns[0].selection == SELECTION


def test_a_panel_alone_is_no_pool(store):
    chat(store, answered())
    assert store.turn_log.drawn_contenders() == []
