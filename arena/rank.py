"""Which of several states of a row is the best: pure, and the same in whatever order they come."""

import json
from collections.abc import Iterable, Mapping

from arena.journal import Event, Part

STAGES = ("created", "streaming", "ready", "void")
"""How far a battle has come with a message. Void is the end of it unless a side is asked once more,
which `retried` tells; the next message makes a ready one stream again, which `turns` tells."""


def rank(event: Event) -> tuple:
    """What makes one state of a row better than another: a total order, so that every order of
    arrival ends alike. The newest; but a first vote stays, and a battle never goes back."""
    first: tuple = ()
    if event.part == "votes" and isinstance(event.row.get("created"), float):
        first = (-event.row["created"],)
    elif event.part == "battles":
        first = _progress(event.row)
    return first, event.at, json.dumps(event.row, sort_keys=True)


def _progress(row: Mapping[str, object]) -> tuple[int, int, int, int]:
    """How far a battle has come; every step that the store allows makes it more.

    A vote is the end: of two replicas that know the battle, one may not know of the vote yet.
    """
    told = (row.get("turns"), row.get("retried"))
    turns, retried = (n if isinstance(n, int) else 0 for n in told)
    status = row.get("status")
    stage = STAGES.index(status) if status in STAGES else -1
    return int(status == "voted"), turns, retried, stage


def best_of(events: Iterable[Event], parts: Mapping[str, Part]) -> dict[tuple, Event]:
    """The best state of each row, by part and key."""
    best: dict[tuple, Event] = {}
    for event in events:
        key = (event.part, *(event.row[name] for name in parts[event.part].key))
        if key not in best or rank(event) > rank(best[key]):
            best[key] = event
    return best
