"""What was said comes along with imported votes, and goes as everything that is said does."""

import json
from contextlib import closing

import pytest
from foreign_files import FILES, bring
from stored import on_disk

from arena.cli import categories
from arena.db.repositories import imports
from arena.db.store import Store
from arena.exchange import export, merge

SAID = """
    SELECT b.id, iif(c.id = b.left_conversation, 'left', 'right'), n.name, c.system, t.position,
        t.prompt, t.reply, t.member, t.finished
    FROM battles b JOIN conversations c ON c.id IN (b.left_conversation, b.right_conversation)
    JOIN contenders n ON n.id = c.contender JOIN turns t ON t.conversation = c.id
    ORDER BY b.rowid, c.id, t.position"""


def conversations(db):
    with closing(Store.open_readonly(db)) as store:
        return [row[1:] for row in store.database.query(SAID)]


def put(tmp_path, *rows):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def talk(*texts, system=None):
    roles = ("user", "assistant") * len(texts)
    said = [{"role": r, "content": t} for r, t in zip(roles, texts, strict=False)]
    return ([{"role": "system", "content": system}] if system else []) + said


VOTE = {"model_a": "oak", "model_b": "elm", "winner": "tie", "judge": "j", "tstamp": 100.0}
SIDES = {
    "conversation_a": talk("Hello", "Hi, secret", "More", "No", system="Be brief."),
    "conversation_b": talk("Hello", "Yo, secret", "More", "Yes"),
}


def test_a_conversation_lies_in_the_tables_of_all_others(tmp_path):
    assert bring(put(tmp_path, VOTE | SIDES), tmp_path / "a.db") == 0
    assert conversations(tmp_path / "a.db") == [
        ("left", "oak", "Be brief.", 0, "Hello", "Hi, secret", None, 1),
        ("left", "oak", "Be brief.", 1, "More", "No", None, 1),
        ("right", "elm", "", 0, "Hello", "Yo, secret", None, 1),
        ("right", "elm", "", 1, "More", "Yes", None, 1),
    ]
    with closing(Store.open_readonly(tmp_path / "a.db")) as store:
        ((visitor, left),) = store.database.query("SELECT visitor, left_conversation FROM battles")
        assert [turn.reply for turn in store.conversations.load(left, visitor).turns][1:] == ["No"]
        oak = next(each for each in store.contenders.all() if each.name == "oak")
        assert store.samples.newest(oak.id, 1e12, 5) == []  # a sample is of the site's own


@pytest.mark.parametrize(
    "sides",
    [
        {"conversation_a": talk("Hello", "Hi")},  # one side alone
        {"conversation_a": talk("Hello", None), "conversation_b": talk("Hello", "Yo")},
        {"conversation_a": "as text", "conversation_b": "as text"},
    ],
)
def test_half_a_conversation_stays_out(tmp_path, sides):
    assert bring(put(tmp_path, VOTE | sides), tmp_path / "a.db") == 0
    assert conversations(tmp_path / "a.db") == []


def test_several_messages_in_a_row_are_one_and_the_last_needs_a_reply(tmp_path):
    one = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
    one += [{"role": "tool", "content": "x"}, {"role": "assistant", "content": "c\ud800\x00"}]
    sides = {"conversation_a": one + one[:1], "conversation_b": talk("a", "c")}
    assert bring(put(tmp_path, VOTE | sides), tmp_path / "a.db") == 0
    assert [row[4:6] for row in conversations(tmp_path / "a.db")] == [("a\n\nb", "c��"), ("a", "c")]


def test_no_texts_leaves_every_word_out(tmp_path, capsys):
    file, db = put(tmp_path, VOTE | SIDES), tmp_path / "db" / "a.db"
    db.parent.mkdir()
    assert bring(file, db, "--no-texts") == 0
    assert b"secret" not in on_disk(db)
    assert "conversations: unknown (1 vote)" in capsys.readouterr().out
    # A battle that is there has what it has.
    assert bring(file, db) == 0 and conversations(db) == []


def test_they_are_forgotten_and_stay_forgotten(tmp_path):
    rows = [VOTE | SIDES, VOTE | SIDES | {"tstamp": 200.0}, VOTE | SIDES | {"judge": "k"}]
    db = tmp_path / "db" / "a.db"
    db.parent.mkdir()
    assert bring(put(tmp_path, rows[0]), db) == 0
    with closing(Store.open(db)) as store:
        ((visitor,),) = store.database.query("SELECT visitor FROM battles")
        assert store.erasure.erase_visitor(visitor)
    assert b"secret" not in on_disk(db)
    # The file comes again, with a new vote of theirs and one of another's.
    assert bring(put(tmp_path, *rows), db) == 0
    with closing(Store.open_readonly(db)) as store:
        query = store.database.query
        assert query("SELECT count(*) FROM turns WHERE reply IS NOT NULL") == [(4,)]
        assert query("SELECT count(DISTINCT visitor), count(*) FROM battles") == [(2, 3)]
        assert not query("SELECT 1 FROM visitors WHERE id = ?", (visitor,))


def test_texts_too_old_are_not_kept(tmp_path):
    db = tmp_path / "db" / "a.db"
    db.parent.mkdir()
    assert bring(put(tmp_path, VOTE | SIDES), db) == 0
    with closing(Store.open(db)) as store:
        assert store.erasure.expire_texts(86_400 * 10.0, 5) == 6  # four turns, two conversations
    assert b"secret" not in on_disk(db)
    assert bring(put(tmp_path, VOTE | SIDES, VOTE | SIDES | {"tstamp": 200.0}), db) == 0
    assert b"secret" not in on_disk(db)


def test_they_merge_and_leave_only_where_texts_are_asked_for(tmp_path):
    assert bring(put(tmp_path, VOTE | SIDES), tmp_path / "a.db") == 0
    assert merge.main([str(tmp_path / "a.db"), "--into", str(tmp_path / "b.db")]) == 0
    assert conversations(tmp_path / "b.db") == conversations(tmp_path / "a.db")
    for name, options in (("out", ()), ("texts", ("--texts",))):
        export.main(["--db", str(tmp_path / "b.db"), "--out", str(tmp_path / name), *options])
        told = (tmp_path / name / "turns.jsonl").read_text()
        assert told.count("secret") == (2 if options else 0)


SIMPLY = """
    SELECT l.name, r.name, v.choice, (SELECT group_concat(prompt || reply, '|') FROM turns
        WHERE conversation = b.left_conversation)
    FROM votes v JOIN battles b ON b.id = v.battle JOIN contenders l ON l.id = b."left"
    JOIN contenders r ON r.id = b."right" WHERE v.counted ORDER BY v.created, 1, 2, 3"""


def test_from_open_webui_to_trainers_and_back(tmp_path):
    for name in ("open_webui.json", "arena_140k.jsonl"):
        assert bring(FILES / name, tmp_path / "a.db") == 0
    words = ["--db", str(tmp_path / "a.db"), "--texts", "--source", "imported"]
    for form in ("trl", "arena"):
        assert export.main([*words, "--for", form, "--out", str(tmp_path / form)]) == 0
    rows = [json.loads(line) for line in (tmp_path / "trl" / "trl.jsonl").read_text().splitlines()]
    assert [rows[0][name][-1]["content"] for name in ("prompt", "chosen", "rejected")] == [
        *("Name a tree.", "Oak.", "An elm tree.")
    ]
    assert bring(tmp_path / "arena" / "arena.parquet", tmp_path / "b.db") == 0
    first, second = (Store.open_readonly(tmp_path / name) for name in ("a.db", "b.db"))
    with closing(first), closing(second):
        assert first.database.query(SIMPLY) == second.database.query(SIMPLY)


def test_first_messages_get_categories_by_the_command_for_old_battles(tmp_path):
    asked = talk("Write a Python function that sorts a list.", "def ...")
    row = VOTE | {"conversation_a": asked, "conversation_b": asked}
    assert bring(put(tmp_path, row), tmp_path / "a.db") == 0
    assert categories.main(["--db", str(tmp_path / "a.db"), "--apply"]) == 0
    with closing(Store.open_readonly(tmp_path / "a.db")) as store:
        assert "code" in store.categories.counts()


def test_much_that_was_said_is_written_in_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "CHARACTERS", 30)
    rows = [VOTE | SIDES | {"tstamp": float(n)} for n in range(5)]
    assert bring(put(tmp_path, *rows), tmp_path / "a.db") == 0
    assert len(conversations(tmp_path / "a.db")) == 20


def test_open_webui_tells_the_way_to_both_replies(tmp_path):
    assert bring(FILES / "open_webui.json", tmp_path / "a.db") == 0
    second = conversations(tmp_path / "a.db")[2:]
    assert [(row[0], row[1], row[4], row[5]) for row in second] == [
        ("left", "fir", "Name a tree.", "An elm tree."),
        ("left", "fir", "And one that is green all year?", "Fir."),
        ("right", "oak", "Name a tree.", "An elm tree."),
        ("right", "oak", "And one that is green all year?", "A **fir**."),
    ]


@pytest.mark.parametrize(
    "name", ["mt_bench.jsonl", "comparia_reactions.jsonl", "comparia_turns.jsonl"]
)
def test_a_vote_on_the_first_turn_has_only_that(tmp_path, name):
    assert bring(FILES / name, tmp_path / "a.db") == 0
    with closing(Store.open_readonly(tmp_path / "a.db")) as store:
        turns = store.database.query(
            "SELECT b.turns, (SELECT count(*) FROM turns WHERE conversation = left_conversation),"
            " (SELECT count(*) FROM turns WHERE conversation = right_conversation) FROM battles b"
        )
    assert {row[0] for row in turns} == {1, 2} and all(len({*row}) == 1 for row in turns)
