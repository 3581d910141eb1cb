"""Chatbot Arena's columns: names, types, values, and what is in them without words."""

import json
from contextlib import closing

from judged import BATTLES, judged
from pyarrow.parquet import read_schema, read_table

from arena.db.store import Store
from arena.exchange import export, import_votes
from arena.exchange.datasets.battle_columns import BATTLES as COLUMNS


def exported(db, folder, *options):
    argv = ["--db", str(db), "--out", str(folder), "--for", "arena", *options]
    assert export.main(argv) == 0
    return read_table(folder / "arena.parquet").to_pylist()


def test_the_columns_are_those_of_the_published_set(db, tmp_path):
    exported(db, tmp_path / "out")
    types = {field.name: str(field.type) for field in read_schema(tmp_path / "out/arena.parquet")}
    assert [*types] == [*COLUMNS]
    text = "struct<type: string, text: string, image: string, mimeType: string>"
    message = f"struct<role: string, content: list<element: {text}>>"
    counted = "h1: int64, h2: int64, h3: int64, h4: int64, h5: int64, h6: int64"
    assert types["conversation_a"] == types["conversation_b"] == f"list<element: {message}>"
    sides = f"user: {message}, model_side_a: {message}, model_side_b: {message}"
    assert types["full_conversation"] == f"list<element: struct<{sides}>>"
    assert f"header_count_a: struct<{counted}>" in types["conv_metadata"]
    assert types["evaluation_order"] == "int32" and types["is_code"] == "bool"
    assert types["timestamp"] == "timestamp[us]"


def test_a_row_is_a_vote_and_uncounted_ones_are_none(db, tmp_path):
    rows = exported(db, tmp_path / "out", "--texts")
    winners = {"left": "model_a", "right": "model_b"}
    assert [row["winner"] for row in rows] == [winners.get(c, c) for _, c in BATTLES]
    assert {(row["model_a"], row["model_b"]) for row in rows} == {("Blended", "solo")}
    assert [row["evaluation_order"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert len({row["evaluation_session_id"] for row in rows}) == 1
    assert [row["is_code"] for row in rows].index(True) == 4
    said = [m["content"][0]["text"] for m in rows[1]["conversation_b"]]
    assert said == ["Who?", "# I\nam **it**", "Why?", "- because\n- of that"]
    both = [
        {side: m["content"][0]["text"] for side, m in turn.items()}
        for turn in rows[1]["full_conversation"]
    ]
    assert both[0] == {"user": "Who?", "model_side_a": "Me.", "model_side_b": "# I\nam **it**"}
    assert len(both) == 2


def test_the_first_message_has_its_categories_also_once_it_is_deleted(tmp_path):
    db = judged(tmp_path / "a.db")
    row = exported(db, tmp_path / "out")[2]
    assert row["category_tag"]["math_v0.1"] == {"math": True}
    assert row["category_tag"]["creative_writing_v0.1"] == {
        "creative_writing": False,
        "score": None,
    }
    assert set(row["category_tag"]["criteria_v0.1"].values()) <= {True, False}
    with closing(Store.open(db)) as store:
        store.erasure.drop_texts()
    wordless = exported(db, tmp_path / "later")[2]
    assert wordless["category_tag"] == row["category_tag"] | {"criteria_v0.1": None}
    assert wordless["is_code"] is False and wordless["conv_metadata"]["bold_count_a"] is None
    assert wordless["conv_metadata"]["sum_assistant_a_tokens"] == 1


def test_lengths_and_markdown_are_there_without_the_words(db, tmp_path):
    row = exported(db, tmp_path / "out")[1]
    assert row["conversation_a"] is row["conversation_b"] is row["full_conversation"] is None
    counts = row["conv_metadata"]
    assert (counts["turns"], counts["sum_user_tokens"]) == (2, 2)
    assert (counts["sum_assistant_a_tokens"], counts["sum_assistant_b_tokens"]) == (2, 8)
    assert (counts["context_a_tokens"], counts["context_b_tokens"]) == (3, 6)
    assert counts["header_count_b"] == {"h1": 1, "h2": 0, "h3": 0, "h4": 0, "h5": 0, "h6": 0}
    assert counts["list_count_b"] == {"ordered": 0, "unordered": 2}
    assert counts["bold_count_b"] == {"**": 1, "__": 0}
    told = b"".join(file.read_bytes() for file in (tmp_path / "out").iterdir())
    assert b"Who?" not in told and b"ann" not in told.replace(b"annot", b"")


def test_both_files_tell_the_same_and_come_back_as_the_same_votes(db, tmp_path):
    rows = exported(db, tmp_path / "out", "--texts")
    lines = (tmp_path / "out" / "arena.jsonl").read_text().splitlines()
    for row, line in zip(rows, map(json.loads, lines), strict=True):
        time = row.pop("timestamp").isoformat()
        assert row | {"timestamp": time} == line
    for end in ("parquet", "jsonl"):
        other = tmp_path / f"{end}.db"
        assert import_votes.main([str(tmp_path / "out" / f"arena.{end}"), "--db", str(other)]) == 0
        with closing(Store.open(db)) as old, closing(Store.open(other)) as new:
            here, there = old.ballots.read("own"), new.ballots.read("imported")
            assert (here.choice == there.choice).all() and len(here) == len(there) == len(rows)
            assert there.visitors == here.visitors == 1


def test_what_comes_back_leaves_as_the_same_pairs(db, tmp_path):
    exported(db, tmp_path / "out", "--texts")
    other = tmp_path / "b.db"
    assert import_votes.main([str(tmp_path / "out" / "arena.parquet"), "--db", str(other)]) == 0
    for name, path, source in (("here", db, "own"), ("there", other, "imported")):
        argv = ["--out", str(tmp_path / name), "--for", "trl", "--whole", "--texts"]
        assert export.main(["--db", str(path), *argv, "--source", source]) == 0
    here, there = (read_table(tmp_path / name / "trl.parquet") for name in ("here", "there"))
    assert here.to_pylist() == there.to_pylist() != []


def test_votes_of_elsewhere_have_no_words_and_are_asked_for(db, tmp_path):
    (tmp_path / "votes.csv").write_text(
        "left,right,winner,time\noak,elm,tie,2025-06-01T10:00:00Z\n"
    )
    other = tmp_path / "other.db"
    assert import_votes.main([str(tmp_path / "votes.csv"), "--db", str(other)]) == 0
    assert exported(other, tmp_path / "own", "--texts") == []
    (row,) = exported(other, tmp_path / "imported", "--texts", "--source", "imported")
    assert (row["model_a"], row["winner"], row["conversation_a"]) == ("oak", "tie", None)
    assert row["timestamp"].isoformat() == "2025-06-01T10:00:00"
    assert row["conv_metadata"]["header_count_a"] is None and row["is_code"] is None
