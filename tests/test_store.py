"""The store on a real file: battles are blind, votes are single, texts are kept only if asked."""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import pytest
from conftest import unhurried
from sqlite_utils.utils import sqlite3

from arena.database import journal
from arena.store import Battle, BattleState, Contender, Refused, Reveal, Store, StoreError, Tally
from blend.conversation import Conversation, Draw, Turn, Usage

BLEND, SINGLE = Contender("b1", "Blended", {"members": ["x", "y"]}), Contender("s1", "solo", {})


@pytest.fixture
def store(tmp_path):
    with_people = opened(tmp_path / "arena.db")
    yield with_people
    with_people.close()


def opened(path, **settings):
    """A store with two visitors and two contenders."""
    store = Store.open(path, **settings)
    store.clock = unhurried()
    store.visitor("ann")
    store.visitor("bob")
    for each in (BLEND, SINGLE):
        store.contender(each.id, each.name, dict(each.config))
    return store


def battle_of(store, status, visitor="ann"):
    """A battle of ann's in the given status, Blended on the left."""
    battle = Battle(visitor, BLEND.id, SINGLE.id, 0.5, "focus")
    store.open_battle(battle)
    if status != "created":
        store.start_turn(battle.id, visitor, f"Hello {battle.id}?", 5)
    if status in ("ready", "voted"):
        store.ready(battle.id)
    if status == "voted":
        store.vote(battle.id, visitor, "left")
    if status == "void":
        store.void(battle.id, visitor, "skipped")
    return battle


def said(prompt, reply, member="x"):
    """A finished turn."""
    draw = Draw(member, 0.5, {"x": 0.5, "y": 0.5}, ahead=True)
    return Turn(prompt, reply, draw, True, None, 0.1, 0.5, Usage(9, 4, 3, 1, "stop"))


def chat(store, *turns, system=""):
    """Ann's conversation with Blended, stored turn by turn."""
    conversation = Conversation(system=system, turns=turns)
    store.open_conversation(conversation, "ann", BLEND.id, "chat")
    for position, turn in enumerate(turns):
        store.open_turn(conversation.id, position, turn)
        store.close_turn(turn)
    return conversation


def row(store, table, id):
    """A row as a dict, read by another connection."""
    connection = sqlite3.connect(store.path)
    connection.row_factory = sqlite3.Row
    found = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (id,)).fetchone()
    connection.close()
    return dict(found)


def on_disk(path):
    """Every byte of the database and of what lies beside it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


# --- battles and votes


def test_a_vote_reveals_and_is_tallied(store):
    battle = battle_of(store, "ready")

    assert store.vote(battle.id, "ann", "left") == Reveal(BLEND, SINGLE, "left", True, "")
    assert store.tally() == Tally((("b1", "s1", "left", 1),), counted=1, votes=1, void=0)


def test_a_battle_tells_no_contender(store):
    battle = battle_of(store, "created")

    state = store.battle(battle.id)

    assert state == BattleState(
        battle.id, "ann", "created", 0, battle.left_conversation, battle.right_conversation, None
    )
    assert not {"left", "right", "policy"} & {f.name for f in fields(state)}


def test_a_battle_is_in_the_file_before_any_token(store):
    battle = battle_of(store, "created")

    written = row(store, "battles", battle.id)

    assert (written["left"], written["right"], written["pair_chance"]) == ("b1", "s1", 0.5)
    assert row(store, "conversations", battle.left_conversation)["contender"] == "b1"
    assert row(store, "conversations", battle.right_conversation)["contender"] == "s1"


def test_a_battle_that_fails_leaves_no_conversation(store):
    battle = Battle("ann", BLEND.id, "nobody", 0.5, "focus")

    with pytest.raises(StoreError, match=r"arena\.db refuses: FOREIGN KEY"):
        store.open_battle(battle)

    assert store._read("SELECT id FROM conversations") == []


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("created", "send a message first"),
        ("streaming", "not finished yet"),
        ("voted", "has its vote already"),
        ("void", "left without a vote"),
    ],
)
def test_a_vote_needs_a_battle_that_is_ready(store, status, why):
    battle = battle_of(store, status)
    before = store.tally()

    with pytest.raises(Refused, match=why):
        store.vote(battle.id, "ann", "right")

    assert store.tally() == before


def test_the_vote_of_another_visitor_is_refused(store):
    battle = battle_of(store, "ready")

    with pytest.raises(Refused, match="another visitor"):
        store.vote(battle.id, "bob", "left")

    assert store.battle(battle.id).status == "ready"


@pytest.mark.parametrize("choice", ["", "up", "LEFT", None])
def test_an_unknown_choice_is_refused(store, choice):
    battle = battle_of(store, "ready")

    with pytest.raises(Refused, match="A vote is"):
        store.vote(battle.id, "ann", choice)


def test_a_vote_on_nothing_is_refused(store):
    with pytest.raises(Refused, match="no such battle"):
        store.vote("nothing", "ann", "left")


def test_the_key_refuses_a_second_vote_even_if_the_status_were_wrong(store):
    battle = battle_of(store, "voted")
    store._write("UPDATE battles SET status = 'ready'")

    with pytest.raises(Refused, match="has its vote already"):
        store.vote(battle.id, "ann", "right")

    assert store.tally().outcomes == (("b1", "s1", "left", 1),)


def test_of_many_votes_at_once_exactly_one_wins(tmp_path):
    stores = [opened(tmp_path / "arena.db") for _ in range(2)]
    stores[1].clock = stores[0].clock
    battles = [battle_of(stores[0], "ready") for _ in range(5)]
    together = threading.Barrier(8)

    def attempt(number):
        together.wait()
        won = 0
        for battle in battles:
            try:
                won += bool(stores[number % 2].vote(battle.id, "ann", "tie"))
            except Refused:
                continue
        return won

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 5
    assert stores[0].tally() == Tally((("b1", "s1", "tie", 5),), counted=5, votes=5, void=0)
    for each in stores:
        each.close()


@pytest.mark.parametrize("status", ["streaming", "voted", "void"])
def test_no_further_turn_while_it_runs_or_after_it_is_over(store, status):
    battle = battle_of(store, status)

    with pytest.raises(Refused):
        store.start_turn(battle.id, "ann", "More!", 5)

    assert store.battle(battle.id).turns == 1


def test_turns_go_up_to_the_limit(store):
    battle = battle_of(store, "ready")
    store.start_turn(battle.id, "ann", "Second", 2)
    store.ready(battle.id)

    with pytest.raises(Refused, match="had its 2 messages"):
        store.start_turn(battle.id, "ann", "Third", 2)
    with pytest.raises(Refused, match="another visitor"):
        store.start_turn(battle.id, "bob", "Third", 5)


def test_the_first_prompt_is_the_one_that_is_hashed(store):
    battle = battle_of(store, "ready")
    first = row(store, "battles", battle.id)
    store.start_turn(battle.id, "ann", "Wie geht es dir?", 5)

    second = row(store, "battles", battle.id)

    assert first["prompt_hash"] and second["prompt_hash"] == first["prompt_hash"]
    assert second["language"] == first["language"]


def test_a_reply_needs_a_message_that_was_let_in(store):
    battle = battle_of(store, "voted")

    with pytest.raises(Refused, match="no reply now"):
        store.open_turn(battle.left_conversation, 1, Turn("More!"))


def test_void_is_counted_and_keeps_its_first_reason(store):
    battle = battle_of(store, "void")
    store.void(battle.id, "ann", "another reason")

    assert store.battle(battle.id).void_reason == "skipped"
    assert store.tally() == Tally((), counted=0, votes=0, void=1)


def test_what_is_voted_or_anothers_cannot_be_made_void(store):
    with pytest.raises(Refused, match="has its vote"):
        store.void(battle_of(store, "voted").id, "ann", "skipped")
    with pytest.raises(Refused, match="another visitor"):
        store.void(battle_of(store, "ready").id, "bob", "skipped")


def test_a_void_battle_does_not_become_ready(store):
    with pytest.raises(Refused, match="not running"):
        store.ready(battle_of(store, "void").id)


# --- counting


def test_votes_come_oldest_first_page_by_page(store, monkeypatch):
    monkeypatch.setattr("arena.store.PAGE", 2)
    battles = [battle_of(store, "voted") for _ in range(5)]
    for age, battle in enumerate(battles):
        store._write("UPDATE votes SET created = ? WHERE battle = ?", (100.0 - age // 2, battle.id))

    votes = list(store.votes())

    assert [v.created for v in votes] == [98.0, 99.0, 99.0, 100.0, 100.0]
    assert votes[0] == ("b1", "s1", "left", "ann", 1, 98.0, 0.5)


def test_votes_that_do_not_count_are_in_the_total_only(store):
    battle_of(store, "voted")
    version = store.version()
    store._write("UPDATE votes SET counted = 0, reason = 'too_fast'")

    assert store.tally() == Tally((), counted=0, votes=1, void=0)
    assert list(store.votes()) == []
    assert store.version() != version


def test_the_version_changes_with_a_vote_and_with_nothing_else(store):
    empty = store.version()
    battle = battle_of(store, "ready")

    assert store.version() == empty
    store.vote(battle.id, "ann", "tie")
    assert store.version() != empty


def test_sources_can_be_kept_apart(store):
    bare = {"left_conversation": None, "right_conversation": None, "source": "simulated"}
    battle = Battle("ann", SINGLE.id, BLEND.id, 0.5, "focus", **bare)
    store.open_battle(battle)
    store.start_turn(battle.id, "ann", "Hi", 5)
    store.ready(battle.id)
    store.vote(battle.id, "ann", "right")

    assert store.tally("own").votes == 0
    assert store.tally("simulated").outcomes == (("s1", "b1", "right", 1),)
    assert len(list(store.votes("simulated"))) == len(list(store.votes())) == 1


def test_contenders_are_noted_once_and_can_be_renamed(store):
    store.contender("s1", "soloist", {"k": 1})

    assert store.contenders() == [BLEND, Contender("s1", "soloist", {"k": 1})]


# --- conversations


def test_a_conversation_survives_a_reload(tmp_path):
    first = opened(tmp_path / "arena.db")
    conversation = chat(first, said("Hi", "Hello"), said("And?", "Well", "y"), system="Be kind.")
    first.close()

    again = Store.open(tmp_path / "arena.db")

    assert again.load_conversation(conversation.id, "ann") == conversation
    assert again.load_conversation(conversation.id, "bob") is None
    assert again.load_conversation("nothing", "ann") is None
    again.close()


def test_the_row_is_there_before_the_first_token(store):
    turn = Turn("Hi")
    conversation = Conversation(turns=(turn,))
    store.open_conversation(conversation, "ann", BLEND.id, "chat")

    store.open_turn(conversation.id, 0, turn)

    written = row(store, "turns", turn.id)
    assert (written["prompt"], written["reply"], written["finished"]) == ("Hi", None, 0)
    assert store.load_conversation(conversation.id, "ann") == conversation


def test_a_turn_keeps_its_draw_and_its_features(store):
    turn = said("Hi", "**Hello**")
    chat(store, turn)
    store.close_turn(turn)

    written = row(store, "turns", turn.id)

    assert (written["member"], written["chance"], written["ahead"]) == ("x", 0.5, 1)
    assert json.loads(written["chances"]) == {"x": 0.5, "y": 0.5}
    assert (written["finish"], written["cut_turns"]) == ("stop", 1)
    assert json.loads(written["features"])["bold"] == 1


def test_regenerated_and_undone_turns_are_kept_but_not_loaded(store):
    first, replaced, better = said("Hi", "Hello"), said("And?", "Meh"), said("And?", "Well")
    conversation = chat(store, first, replaced)
    store.open_turn(conversation.id, 1, better, parent=replaced.id)
    store.close_turn(better)

    assert store.load_conversation(conversation.id, "ann").turns == (first, better)
    store.undo_turn(better.id, "ann")
    assert store.load_conversation(conversation.id, "ann").turns == (first,)
    assert row(store, "turns", replaced.id)["reply"] == "Meh"


def test_before_the_vote_a_battles_turns_tell_no_member(store):
    battle = battle_of(store, "streaming")
    turn = replace(said("Hello?", "Hi!"), finished=False, error="x: out of memory")
    store.open_turn(battle.left_conversation, 0, turn)
    store.close_turn(turn)
    store.ready(battle.id)

    def loaded():
        return store.load_conversation(battle.left_conversation, "ann").turns

    blind = Turn("Hello?", "Hi!", error="This reply could not be finished.", id=turn.id)
    assert loaded() == (blind,)
    store.vote(battle.id, "ann", "tie")
    assert loaded() == (turn,)


def test_feedback_is_its_visitors_own(store):
    turn = said("Hi", "Hello")
    chat(store, turn)

    store.feedback(turn.id, "ann", 1)
    with pytest.raises(Refused, match="not part of a conversation of yours"):
        store.feedback(turn.id, "bob", -1)
    with pytest.raises(Refused, match="thumb"):
        store.feedback(turn.id, "ann", 7)

    assert row(store, "turns", turn.id)["feedback"] == 1
    store.feedback(turn.id, "ann", None)
    assert row(store, "turns", turn.id)["feedback"] is None


def test_undo_is_refused_in_a_battle_and_to_others(store):
    battle, mine = battle_of(store, "streaming"), said("Hi", "Hello")
    fought = said("Hello?", "Hi!")
    store.open_turn(battle.left_conversation, 0, fought)
    chat(store, mine)

    with pytest.raises(Refused, match="stays said"):
        store.undo_turn(fought.id, "ann")
    with pytest.raises(Refused, match="not part"):
        store.undo_turn(mine.id, "bob")


def test_a_conversation_of_anothers_cannot_be_opened(store):
    conversation = chat(store)

    with pytest.raises(Refused, match="another visitor"):
        store.open_conversation(conversation, "bob", BLEND.id, "chat")


def test_without_texts_no_text_is_in_the_file(tmp_path):
    store = opened(tmp_path / "arena.db", keep_texts=False)
    turn = said("Zanzibar secret", "Quetzal answer **loud**")
    conversation = chat(store, turn, system="Xylophone persona")
    battle = Battle("ann", BLEND.id, SINGLE.id, 0.5, "focus")
    store.open_battle(battle)
    store.start_turn(battle.id, "ann", "Zanzibar secret", 5)

    live = on_disk(tmp_path / "arena.db")
    assert store.load_conversation(conversation.id, "ann") is None
    assert json.loads(row(store, "turns", turn.id)["features"])["bold"] == 1
    store.close()

    for text in (b"Zanzibar", b"Quetzal", b"Xylophone"):
        assert text not in live + on_disk(tmp_path / "arena.db")


# --- the file


def test_foreign_keys_and_durability_are_on(store):
    settings = [store._row(f"PRAGMA {name}")[0] for name in ("foreign_keys", "synchronous")]

    assert settings == [1, 2]
    assert store._row("PRAGMA journal_mode")[0].upper() == journal(sqlite3.sqlite_version_info)


def test_wal_only_where_it_is_safe():
    assert [journal(v) for v in ((3, 40, 1), (3, 51, 2), (3, 51, 3), (3, 53, 0))] == [
        "DELETE",
        "DELETE",
        "WAL",
        "WAL",
    ]


def test_a_failure_in_a_transaction_undoes_it_whole(store):
    with pytest.raises(KeyError), store.writing():
        store.visitor("cleo")
        raise KeyError

    assert store._read("SELECT id FROM visitors ORDER BY id") == [("ann",), ("bob",)]


def test_an_inner_refusal_undoes_only_itself(store):
    with store.writing():
        store.visitor("cleo")
        with pytest.raises(Refused):
            store.vote("nothing", "cleo", "left")

    assert ("cleo",) in store._read("SELECT id FROM visitors")


LOCK = """
import importlib, sys
sqlite3 = importlib.import_module(sys.argv[2])
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
connection.close()
"""


@pytest.fixture
def lock(tmp_path):
    """Another process that locks the file until a line is written to it."""
    opened(tmp_path / "arena.db").close()
    command = [sys.executable, "-c", LOCK, str(tmp_path / "arena.db"), sqlite3.__name__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_locked_file_is_waited_for_and_then_said(lock, tmp_path):
    start = time.monotonic()

    with pytest.raises(StoreError, match=r"arena\.db is locked by another program.*--db"):
        Store.open(tmp_path / "arena.db", patience=0.2)

    assert 0.2 <= time.monotonic() - start < 3


def test_a_lock_that_is_given_up_in_time_does_no_harm(lock, tmp_path):
    release = threading.Timer(0.2, lambda: lock.communicate("go\n"))
    release.start()

    store = Store.open(tmp_path / "arena.db", patience=20)

    release.join()
    assert len(store.contenders()) == 2
    store.close()


def test_a_vote_on_a_locked_file_tells_no_name(store):
    battle = battle_of(store, "ready")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.patience = 0.05

    with pytest.raises(StoreError, match="locked"):
        store.vote(battle.id, "ann", "left")

    other.rollback()
    other.close()
    assert store.battle(battle.id).status == "ready"


def test_what_cannot_be_opened_is_one_line_that_names_it(tmp_path):
    opened(tmp_path / "arena.db").close()
    (tmp_path / "notes.db").write_text("These are my notes, not a database. " * 20)
    for path, why in {
        tmp_path / "none" / "arena.db": "there is no folder",
        tmp_path: "is a folder",
        tmp_path / "notes.db": "is not an SQLite database",
        f"file:{tmp_path}/arena.db?mode=ro": "is read-only",
        f"file:{tmp_path}/other.db?mode=rw": "cannot be opened",
    }.items():
        with pytest.raises(StoreError, match=why) as raised:
            Store.open(path)

        assert str(path) in str(raised.value) and "--db" in str(raised.value)
        assert "\n" not in str(raised.value)
    assert not (tmp_path / "none").exists() and not (tmp_path / "other.db").exists()
    assert (tmp_path / "notes.db").read_text().startswith("These are my notes")


def test_a_closed_store_says_so(store):
    store.close()
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.contenders()
