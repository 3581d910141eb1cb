"""The table of losses: kept, read, join; and the dialogues whose replies are its rows."""

import gzip
import json

import numpy as np
import pytest

from blend.command_line import CommandError
from blend.scaling.dialogues import read
from blend.scaling.loss_table import MemberInfo, empty_table, join, load, save

TURNS = {"id": "t", "split": "test", "turns": [{"text": x} for x in ("Hi", "Héllo", "Why?", "So")]}
ROLES = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes"},
        {"role": "assistant", "content": "More"},
    ]
}


def lines(path, *rows):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


@pytest.fixture
def talks(tmp_path):
    return read([lines(tmp_path / "a.jsonl.gz", TURNS), lines(tmp_path / "b.jsonl", ROLES, TURNS)])


def test_replies_answer_a_user_in_both_kinds_of_line(talks, tmp_path):
    assert [(t.source, t.id, t.replies) for t in talks] == [
        ("a", "t", (1, 3)),
        ("b", "1", (2,)),
        ("b", "t", (1, 3)),
    ]
    path = tmp_path / "b.jsonl"
    assert len(read([path], split="test")) == 1 and len(read([path], most=1)) == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["{}"], "line 1 is no dialogue"),
        ([TURNS, "no json"], "line 2 is no dialogue"),
        (["[" * 100_000], "line 1 is no dialogue"),
        ([{"messages": [{"role": "king", "content": "x"}]}], "a role 'king'"),
        ([{"turns": [{"text": "Hi"}]}], "has no reply"),
        ([], "has no reply"),
    ],
)
def test_files_without_replies_are_refused_in_one_line(tmp_path, rows, said):
    with pytest.raises(CommandError, match=said) as caught:
        read([lines(tmp_path / "x.jsonl", *rows)])
    assert "\n" not in str(caught.value)


def test_two_files_of_one_name_are_refused(tmp_path):
    (tmp_path / "o").mkdir()
    paths = [lines(folder / "a.jsonl", TURNS) for folder in (tmp_path, tmp_path / "o")]
    with pytest.raises(CommandError, match="two files are called a"):
        read(paths)


def who(name, parameters=1000):
    return MemberInfo(name, "oak", parameters, 300, f"digest of {name}")


def test_a_table_comes_back_as_it_was_kept(talks, tmp_path):
    table = empty_table(talks).with_member(who("a"), np.array([1.5, np.nan, np.inf, 2.0, 3.0]))
    save(table, tmp_path / "deep" / "t.parquet")
    again = load(tmp_path / "deep" / "t.parquet")

    assert again.frame.index.equals(table.frame.index) and again.members == table.members
    assert again.bytes[0] == 6 and again.clusters.tolist() == [0, 0, 1, 2, 2]
    assert np.array_equal(again.nats, table.nats, equal_nan=True)
    assert again.whole().nats[:, 0].tolist() == [1.5, 2.0, 3.0]


def test_tables_are_joined_on_the_replies_they_share(talks):
    one = empty_table(talks).with_member(who("a"), np.arange(5.0))
    two = empty_table(talks[1:][::-1]).with_member(who("b"), np.arange(3.0))
    both = join([one, two])

    assert [m.name for m in both.members] == ["a", "b"]
    assert both.nats.tolist() == [[2, 2], [3, 0], [4, 1]]
    assert join([one, one]).nats.tolist() == one.nats.tolist()


def test_what_cannot_be_joined_or_read_is_said(talks, tmp_path):
    one = empty_table(talks).with_member(who("a"), np.arange(5.0))
    with pytest.raises(CommandError, match="mean different models"):
        join([one, empty_table(talks).with_member(who("a", 7), np.arange(5.0))])
    with pytest.raises(CommandError, match="no reply in common"):
        join([empty_table(talks[:1]).with_member(who("a"), np.arange(2.0)), empty_table(talks[1:])])
    with pytest.raises(CommandError, match="leave it out"):
        one.with_member(who("b"), np.full(5, np.inf)).whole()
    with pytest.raises(CommandError, match="no file"):
        load(tmp_path / "none.parquet")
    (tmp_path / "bad.parquet").write_text("x")
    with pytest.raises(CommandError, match="is no table of losses"):
        load(tmp_path / "bad.parquet")
