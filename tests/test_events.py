"""Event files: lines are read back as they were written, and a torn one is no line."""

import pytest

from arena import events
from arena.events import Event

ROW = {"id": "ü\n1", "n": 3, "x": 0.1, "none": None}


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    for at in (1.5, 2.5):
        events.write(path, [Event("votes", at, ROW)])
    assert events.read(path) == ([Event("votes", 1.5, ROW), Event("votes", 2.5, ROW)], 0)
    assert path.read_bytes().count(b"\n") == 2


def test_a_line_torn_anywhere_is_left_out_and_the_others_are_not(tmp_path):
    path = tmp_path / "a.jsonl"
    events.write(path, [Event("votes", 1.0, ROW), Event("votes", 2.0, ROW)])
    whole = path.read_bytes()
    for length in range(len(whole) // 2, len(whole)):
        path.write_bytes(whole[:length])
        assert events.read(path) == ([Event("votes", 1.0, ROW)], 0)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'"votes"',
        b"\xff\xfe",
        b'{"part": "votes", "at": 1}',
        b'{"part": "votes", "at": "now", "row": {}}',
        b'{"part": 5, "at": 1, "row": {}}',
        b'{"part": "votes", "at": 1, "row": {"id": []}}',
        b'{"part": "votes", "at": 1, "row": {"id": 9999999999999999999}}',
    ],
)
def test_a_line_that_is_no_event_is_counted_and_left_out(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_bytes(line + b"\n" + b'{"part": "visits", "at": 1, "row": {}}\n')
    assert events.read(path) == ([Event("visits", 1.0, {})], 1)
