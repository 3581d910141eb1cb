"""Which of several states of a row is the best: pure, and the same in whatever order they come."""

import json
from collections.abc import Iterable, Mapping

from arena.journal import Event, Part

STAGES = ("created", "streaming", "ready", "void", "voted")
"""How far a battle has come: of two replicas that know it, one may not know of the vote yet."""


def rank(event: Event) -> tuple:
    """What makes one state of a row better than another: a total order, so that every order of
    arrival ends alike. The newest; but a first vote stays, and a battle never goes back."""
    first = 0.0
    if event.part == "votes" and isinstance(event.row.get("created"), float):
        first = -event.row["created"]
    elif event.part == "battles" and event.row.get("status") in STAGES:
        first = STAGES.index(event.row["status"])
    return first, event.at, json.dumps(event.row, sort_keys=True)


def best_of(events: Iterable[Event], parts: Mapping[str, Part]) -> dict[tuple, Event]:
    """The best state of each row, by part and key."""
    best: dict[tuple, Event] = {}
    for event in events:
        key = (event.part, *(event.row[name] for name in parts[event.part].key))
        if key not in best or rank(event) > rank(best[key]):
            best[key] = event
    return best
