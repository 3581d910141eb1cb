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

LARGEST = 2**63


def write(path: Path, events: Iterable[Event]) -> None:
    """Append the events, and have them on the disk when this returns."""
    with open(path, "a", encoding="utf-8") as file:
        file.writelines(
            json.dumps(event._asdict(), ensure_ascii=False, separators=(",", ":")) + "\n"
            for event in events
        )
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> tuple[list[Event], int]:
    """The events of a file, and how many of its lines are none.

    What stands after the last line's end was torn off while it was written, and is no line.
    """
    events, bad = [], 0
    for line in path.read_bytes().split(b"\n")[:-1]:
        event = _event(line)
        if event is None:
            bad += 1
        else:
            events.append(event)
    return events, bad


def _event(line: bytes) -> Event | None:
    try:
        told = json.loads(line)
        event = Event(told["part"], float(told["at"]), told["row"])
    except (ValueError, KeyError, TypeError):
        return None
    fits = isinstance(event.part, str) and isinstance(event.row, dict)
    return event if fits and all(map(_storable, event.row.values())) else None


def _storable(value: object) -> bool:
    if isinstance(value, int):
        return -LARGEST <= value < LARGEST
    return value is None or isinstance(value, (str, float))
