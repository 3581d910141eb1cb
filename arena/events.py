"""Event files: one JSON line for each row that changed, appended to and never changed.

    {"part": "votes", "at": 1764000000.25, "row": {"battle": "0198…", "choice": "left", …}}

Each process writes a file of its own, `events/<uuid>.jsonl`. A row may come several times; of its
states the best one counts, see `arena.replay`.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from arena.journal import Event
from arena.row_check import is_time

LONGEST_LINE = 4 * 2**20
"""Bytes of one line: the longest message and reply, escaped, are a fraction of that."""


class LineError(ValueError):
    """A line that is not an event; why, in a few words."""


def write(path: Path, events: Iterable[Event]) -> None:
    """Append the events, and have them on the disk when this returns."""
    with open(path, "a", encoding="utf-8") as file:
        file.writelines(
            json.dumps(event._asdict(), ensure_ascii=False, separators=(",", ":")) + "\n"
            for event in events
        )
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> tuple[list[Event], list[str]]:
    """The events of a file, and what is wrong with each other line.

    What stands after the last line's end was torn off while it was written, and is no line.
    """
    events, bad = [], []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        try:
            events.append(parse(line))
        except LineError as error:
            bad.append(f"line {number} {error}")
    return events, bad


def parse(line: bytes) -> Event:
    """The event of a line. Raises LineError."""
    if len(line) > LONGEST_LINE:
        raise LineError(f"has {len(line):,} bytes")
    try:
        told = json.loads(line)
    except RecursionError:
        raise LineError("is nested too deeply") from None
    except ValueError:
        raise LineError("is not JSON") from None
    if not isinstance(told, dict) or not {"part", "at", "row"} <= told.keys():
        raise LineError("is not an event: it needs part, at and row")
    part, at, row = told["part"], told["at"], told["row"]
    if not isinstance(part, str) or not isinstance(row, dict) or not is_time(at):
        raise LineError("is not an event: its part, at or row has the wrong type")
    return Event(part, float(at), row)
