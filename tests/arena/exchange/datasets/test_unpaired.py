"""Single replies with a label: of votes, of "both bad", and of thumbs in chats."""

from contextlib import closing

from judged import judged
from pyarrow.parquet import read_table

from arena.db.store import Store
from arena.exchange import export


def rows(db, folder):
    argv = ["--db", str(db), "--out", str(folder), "--texts", "--for", "kto"]
    assert export.main(argv) == 0
    table = read_table(folder / "kto.parquet")
    assert table.column_names == ["prompt", "completion", "label"]
    return [
        ([m["content"] for m in row["prompt"]], row["completion"][0]["content"], row["label"])
        for row in table.to_pylist()
    ]


def test_each_side_has_its_own_prompt_and_thumbs_come_with_the_persona(db, tmp_path, capsys):
    assert rows(db, tmp_path / "out") == [
        (["Hi?"], "Hello!", True),
        (["Hi?"], "Go away.", False),
        (["Who?", "Me.", "Why?"], "So.", False),
        (["Who?", "# I\nam **it**", "Why?"], "- because\n- of that", True),
        (["Sing!"], "No.", False),
        (["Sing!"], "Never.", False),
        (["Ping?", "Pong.", "Again?"], "```\nping\n```", True),
        (["Ping?", "Pong.", "Again?"], "Pong?", False),
        (["Yes?"], "Yes.", False),
        (["Yes?"], "Yes.", True),
        (["Be brief.", "A?", "B.", "C?"], "Long, long.", False),
        (["Be brief.", "A?", "B.", "C?"], "D.", True),
    ]
    told = capsys.readouterr().out
    assert "left out 1: the reply did not come to its end" in told


def test_no_word_of_somebody_who_was_forgotten_leaves(tmp_path):
    db = judged(tmp_path / "a.db")
    with closing(Store.open(db)) as store:
        assert store.erasure.erase_visitor("ann")
    assert rows(db, tmp_path / "out") == []


def test_thumbs_of_a_barred_visitor_and_of_a_preview_are_no_evidence(tmp_path):
    db = judged(tmp_path / "a.db")
    with closing(Store.open(db)) as store:
        store.database.execute("UPDATE conversations SET preview = 1 WHERE kind = 'chat'")
    assert len(rows(db, tmp_path / "preview")) == 10
    with closing(Store.open(db)) as store:
        store.database.execute("UPDATE conversations SET preview = 0")
        store.database.execute("UPDATE visitors SET barred = 1")
    assert len(rows(db, tmp_path / "barred")) == 10
