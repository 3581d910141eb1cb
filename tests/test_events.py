"""Event files: lines are read back as they were written, and a torn one is no line."""

import pytest

from arena import events
from arena.events import Event

OF_ANOTHER_KIND = "is not an event: its part, at or row has the wrong type"
ROW = {"id": "ü\n1", "n": 3, "x": 0.1, "none": None}


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    for at in (1.5, 2.5):
        events.write(path, [Event("votes", at, ROW)])
    assert events.read(path) == ([Event("votes", 1.5, ROW), Event("votes", 2.5, ROW)], [])
    assert path.read_bytes().count(b"\n") == 2


def test_a_line_torn_anywhere_is_left_out_and_the_others_are_not(tmp_path):
    path = tmp_path / "a.jsonl"
    events.write(path, [Event("votes", 1.0, ROW), Event("votes", 2.0, ROW)])
    whole = path.read_bytes()
    for length in range(len(whole) // 2, len(whole)):
        path.write_bytes(whole[:length])
        assert events.read(path) == ([Event("votes", 1.0, ROW)], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b'{"at": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b"[" * 200_000, "is nested too deeply"),
        (b'{"part": "votes", "at": 1, "row": ' + b'{"a":' * 200_000, "is nested too deeply"),
        (b" " * 5_000_000, "has 5,000,000 bytes"),
        (b"[]", "is not an event: it needs part, at and row"),
        (b'"votes"', "is not an event: it needs part, at and row"),
        (b'{"part": "votes", "at": 1}', "is not an event: it needs part, at and row"),
        (b'{"part": "votes", "at": "now", "row": {}}', OF_ANOTHER_KIND),
        (b'{"part": "votes", "at": NaN, "row": {}}', OF_ANOTHER_KIND),
        (b'{"part": "votes", "at": 1e999, "row": {}}', OF_ANOTHER_KIND),
        (b'{"part": "votes", "at": true, "row": {}}', OF_ANOTHER_KIND),
        (b'{"part": 5, "at": 1, "row": {}}', OF_ANOTHER_KIND),
        (b'{"part": "votes", "at": 1, "row": []}', OF_ANOTHER_KIND),
    ],
)
def test_a_line_that_is_no_event_is_named_and_left_out(tmp_path, line, reason):
    path = tmp_path / "a.jsonl"
    path.write_bytes(line + b"\n" + b'{"part": "visits", "at": 1, "row": {}}\n')
    assert events.read(path) == ([Event("visits", 1.0, {})], [f"line 1 {reason}"])
