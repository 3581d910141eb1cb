"""What a row that comes from elsewhere must be like, so that nothing behind has to expect worse.

The tables' own rules stand beside this: types, choices, who refers to whom.
"""

import json
from collections.abc import Collection, Iterable, Mapping

from arena.journal import Event, Part
from arena.visitor_id import is_storable_id

LARGEST = 2**40
"""The largest whole number: SQLite's sum of a million of them is still one of its numbers."""

LATEST = 1e11
"""The largest other number: as seconds since 1970 it is the year 5138."""

JSON_OBJECTS = {
    "contenders": ("config",),
    "turns": ("features", "chances"),
    "experiments": ("shares",),
}
"""The columns that hold a JSON object, by table: SQLite reads into them."""


def sound(
    events: Iterable[Event], parts: Mapping[str, Part], ids: Mapping[str, Collection[str]]
) -> tuple[list[Event], list[str]]:
    """The events that may be stored, and what is wrong with each that may not, in a few words.

    ids: the columns that hold an id, by table. Parts that are not known are in neither.
    """
    found, refused = [], []
    for event in events:
        part = parts.get(event.part)
        if part is None:
            continue
        lacks = [name for name in part.key if event.row.get(name) is None]
        reason = f"has no {lacks[0]}" if lacks else _fault(part.table, event.row, ids[part.table])
        if reason:
            refused.append(f"{part.name} {reason}")
        else:
            found.append(event)
    return found, refused


def is_time(value: object) -> bool:
    """Whether this is a number of seconds since 1970."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= LATEST


def _fault(table: str, row: Mapping[str, object], ids: Collection[str]) -> str:
    """What is wrong with a row of that table; empty where nothing is."""
    for name, value in row.items():
        if reason := _oddity(value):
            return f"{name} {reason}"
        if name in ids and value is not None and not is_storable_id(value):
            return f"{name} is no id: {str(value)[:40]!r}"
        if name in JSON_OBJECTS.get(table, ()) and value is not None and not _is_object(value):
            return f"{name} is not a JSON object"
    return ""


def _oddity(value: object) -> str:
    if isinstance(value, str):
        return "" if _is_whole(value) else "holds half a character"
    if isinstance(value, int):
        return "" if abs(value) <= LARGEST else "is too large a number"
    if isinstance(value, float):
        return "" if abs(value) <= LATEST else "is no number of this world"
    return "" if value is None else "is no single value"


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_object(value: object) -> bool:
    try:
        return isinstance(json.loads(str(value)), dict)
    except (ValueError, RecursionError):
        return False
