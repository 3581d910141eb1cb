"""Files of votes as streams: four forms, each row with its place, and what is no such file."""

import json

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow.parquet import write_table

from arena.command import CommandError
from arena.exchange import files

ROWS = [{"left": "ä", "right": "b", "winner": "tie"}, {"left": "c\nd", "right": "e", "winner": "e"}]


def read(path):
    with open(path, "rb") as raw:
        return list(files.read(raw))


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_csv(tmp_path):
    text = '\ufeffleft,right,winner\nä,b,tie\n"c\nd",e,e\n'
    assert read(written(tmp_path, "a.csv", text)) == [(2, ROWS[0]), (4, ROWS[1])]


def test_json_lines(tmp_path):
    text = f"{json.dumps(ROWS[0])}\n\n{{broken\n{json.dumps(ROWS[1])}"
    (first, (where, error), last) = read(written(tmp_path, "a.jsonl", text))
    assert (first, last) == ((1, ROWS[0]), (4, ROWS[1]))
    assert where == 3 and str(error).startswith("it is not JSON")


@pytest.mark.parametrize(("indent", "lines"), [(None, (1, 1)), (1, (2, 7))])
def test_json(tmp_path, indent, lines):
    text = json.dumps(ROWS, indent=indent)
    expected = list(zip(lines, ROWS, strict=True))
    assert read(written(tmp_path, "a.json", text)) == expected


def test_json_objects_without_a_list(tmp_path):
    text = "\n".join(map(json.dumps, ROWS))
    assert read(written(tmp_path, "a.JSON", text)) == [(1, ROWS[0]), (2, ROWS[1])]


def test_parquet(tmp_path):
    write_table(pyarrow.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == [(1, ROWS[0]), (2, ROWS[1])]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", "", "its name must end in one of .csv, .json, .jsonl, .parquet"),
        ("a.csv", b"left,right,winner\n\xff,b,tie\n", "is not UTF-8"),
        ("a.csv", b'left,right,winner\n"' + b"a" * 200_000, "is not CSV"),
        ("a.json", b"\xff", "is not UTF-8"),
        ("a.json", "[\n{}\n", "line 3: the list breaks off"),
        ("a.json", "[{} {}]", "line 1: the list breaks off"),
        ("a.json", '[\n{"a": 1},\n{"a": nope}]', "line 3: Expecting value"),
        ("a.json", "[{},", "Expecting value"),
        ("a.json", "no", "Expecting value"),
        ("a.parquet", "no", "is not Parquet"),
    ],
)
def test_what_is_no_such_file(tmp_path, name, content, said):
    with pytest.raises(CommandError) as error:
        read(written(tmp_path, name, content))
    assert said in str(error.value) and name in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["", "[]", " [ ] "])
def test_nothing_in_it(tmp_path, content):
    assert read(written(tmp_path, "a.json", content)) == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@settings(max_examples=40)
@given(st.lists(values, max_size=8), st.sampled_from([None, 2]), st.integers(1, 9))
def test_any_list_comes_back_whatever_the_blocks(tmp_path_factory, rows, indent, block):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(rows, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK", block)
        assert [row for _, row in read(path)] == rows


def test_a_damaged_file_is_not_read_to_its_end_for_one_row(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "BLOCK", 64)
    monkeypatch.setattr(files, "LONGEST", 1000)
    path = written(tmp_path, "a.json", '[{"a": ' + '"b" ' * 100_000)
    with open(path, "rb") as raw:
        with pytest.raises(CommandError, match="line 1: Expecting"):
            list(files.read(raw))
        assert raw.tell() < 20_000
