"""Files of votes as streams: four forms, each row with its place, and what is no such file."""

import csv
import gzip
import json
import math
from datetime import date, datetime

import pyarrow
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow.parquet import write_table

from arena.command import CommandError
from arena.exchange import json_stream, vote_files

ROWS = [{"left": "ä", "right": "b", "winner": "tie"}, {"left": "c\nd", "right": "e", "winner": "e"}]


def read(path):
    with open(path, "rb") as raw:
        return list(vote_files.read_rows(raw))


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_csv(tmp_path):
    text = '\ufeffleft,right,winner\nä,b,tie\n"c\nd",e,e\n'
    assert read(written(tmp_path, "a.csv", text)) == [(2, ROWS[0]), (4, ROWS[1])]
    long = "x" * 500_000  # a whole conversation
    assert read(written(tmp_path, "b.csv", f"left,chat\na,{long}\n"))[0][1]["chat"] == long


@pytest.mark.parametrize("sign", ",;\t|")
def test_csv_by_any_separator(tmp_path, sign):
    text = sign.join(["left", "right", "winner"]) + "\n" + sign.join(["a, b; c", "d", "e"])
    text = text if sign in "\t|" else text.replace("a, b; c", '"a, b; c"')
    row = {"left": "a, b; c", "right": "d", "winner": "e"}
    for name in ("a.csv", "a.tsv"):
        assert read(written(tmp_path, name, text)) == [(2, row)]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_packed(tmp_path, name):
    text = "winner\ntie\n" if name == "a.csv" else '{"winner": "tie"}\n'
    path = written(tmp_path, f"{name}.gz", gzip.compress(text.encode()))
    assert [row for _, row in read(path)] == [{"winner": "tie"}]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_line_without_an_end_is_not_read_to_its_end(tmp_path, monkeypatch, name):
    monkeypatch.setattr(vote_files, "LONGEST", 1000)
    monkeypatch.setattr(csv, "field_size_limit", lambda limit: None)
    with pytest.raises(CommandError, match="line 2 has over 1,000 bytes: remove it"):
        read(written(tmp_path, name, '{}\n{"a": "' + "b" * 100_000))


def test_a_line_too_deep_and_one_with_a_huge_number_are_lines_of_their_own(tmp_path):
    text = "[" * 100_000 + "\n" + f'{{"a": {"9" * 100_000}}}\n{{"a": NaN}}\n'
    (_, error), (_, huge), (_, unknown) = read(written(tmp_path, "a.ndjson", text))
    assert "too deeply" in str(error) and huge == {"a": math.inf} and math.isnan(unknown["a"])


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
    several = "\n".join(map(json.dumps, ROWS))  # objects without a list
    assert read(written(tmp_path, "a.JSON", several)) == [(1, ROWS[0]), (2, ROWS[1])]


def test_parquet(tmp_path):
    rows = [row | {"picture": "not read"} for row in ROWS]
    write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == [(1, ROWS[0]), (2, ROWS[1])]
    write_table(pyarrow.table([[1], [2]], names=["left", "left"]), tmp_path / "b.parquet")
    assert len(read(tmp_path / "b.parquet")) == 1
    write_table(pyarrow.table({"prompt_id": [1], "picture": ["x"]}), tmp_path / "c.parquet")
    with pytest.raises(CommandError, match="none of its columns is one of a vote: prompt_id and"):
        read(tmp_path / "c.parquet")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_parquet_are_seconds(tmp_path, unit):
    types = {"tstamp": pyarrow.timestamp(unit), "time": pyarrow.timestamp(unit, "Europe/Paris")}
    when = datetime(1970, 1, 1, 0, 1, 30)
    columns = {name: pyarrow.array([when, None], kind) for name, kind in types.items()}
    columns["date"] = pyarrow.array([date(1970, 1, 2), None])
    write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    rows = [row for _, row in read(tmp_path / "a.parquet")]
    assert rows == [{"tstamp": 90.0, "time": 90.0, "date": 86400.0}, dict.fromkeys(rows[0])]


def test_a_small_parquet_that_unfolds_to_much_is_read_in_small_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(vote_files, "BATCH", 2_000_000)
    for size, rows in ((1_000_000, 500), (3_000_000, 2)):
        name = pyarrow.DictionaryArray.from_arrays(
            pyarrow.array([0] * rows, pyarrow.int32()), pyarrow.array(["x" * size])
        )
        write_table(pyarrow.table({"left": name}), tmp_path / f"{size}.parquet")
    before = pyarrow.total_allocated_bytes()
    with open(tmp_path / "1000000.parquet", "rb") as raw:
        used = [pyarrow.total_allocated_bytes() - before for _ in vote_files.read_rows(raw)]
    assert len(used) == 500 and max(used) < 10_000_000
    with pytest.raises(CommandError, match="row 1 has over 2,000,000 bytes: remove it"):
        read(tmp_path / "3000000.parquet")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", "", "its name must end in one of .csv, .tsv, .json, .jsonl, .ndjson, .parquet"),
        ("a.parquet.gz", "", "all but the last may have .gz behind it"),
        ("a.csv.gz", "left,right,winner\n", "is not gzip, or was cut off"),
        ("a.json.gz", gzip.compress(b"[{}]", mtime=0)[:-9], "is not gzip, or was cut off"),
        ("a.csv", b"left,right,winner\n\xff,b,tie\n", "is not UTF-8"),
        ("a.json", b"\xff", "is not UTF-8"),
        ("a.json", "[\n{}\n", "line 3: the list breaks off"),
        ("a.json", "[{} {}]", "line 1: the list breaks off"),
        ("a.json", '[\n{"a": 1},\n{"a": nope}]', "line 3: Expecting value"),
        ("a.json", "[{},", "Expecting value"),
        ("a.json", "no", "Expecting value"),
        ("a.json", "[\n" + "[" * 100_000, "line 2: its lists or objects are nested too"),
        ("a.parquet", "no", "is not Parquet"),
    ],
)
def test_what_is_no_such_file(tmp_path, name, content, said):
    with pytest.raises(CommandError) as error:
        read(written(tmp_path, name, content))
    assert said in str(error.value) and name in str(error.value)
    assert "\n" not in str(error.value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@settings(max_examples=40)
@example([], None, 1)
@given(st.lists(values, max_size=8), st.sampled_from([None, 2]), st.integers(1, 9))
def test_any_list_comes_back_whatever_the_blocks(tmp_path_factory, rows, indent, block):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(rows, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "BLOCK", block)
        assert [row for _, row in read(path)] == rows


def test_a_damaged_file_is_not_read_to_its_end_for_one_row(tmp_path, monkeypatch):
    monkeypatch.setattr(json_stream, "BLOCK", 64)
    monkeypatch.setattr(vote_files, "LONGEST", 1000)
    path = written(tmp_path, "a.json", '[{"a": ' + '"b" ' * 100_000)
    with open(path, "rb") as raw:
        with pytest.raises(CommandError, match="line 1: Expecting"):
            list(vote_files.read_rows(raw))
        assert raw.tell() < 20_000
