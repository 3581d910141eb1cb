"""What a start costs that finds many events: made-up battles as a replica tells them, taken in."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from arena import events
from arena.events import Event
from arena.records import Battle
from arena.rivals import Task
from arena.store import Store
from blend.conversation import Turn

SECONDS = 10.0
"""What 10,000 events may take of the processor."""

WORDS = "What would you cook for six people who like none of the same things? " * 4


def retelling(count: int) -> Iterator[Task]:
    """Reading an event file with so many events and taking them into a file that has nothing."""
    told = _told(count)

    def task() -> None:
        with tempfile.TemporaryDirectory(prefix="arena-bench-") as place:
            file = Path(place, "events.jsonl")
            events.write(file, told)
            with closing(Store.open(Path(place, "arena.db"))) as store:
                store.watch("bench")
                store.take(events.read(file)[0])

    yield f"a start: {count:,} events taken in", SECONDS * count / 10_000, task


def _told(count: int) -> list[Event]:
    """The changes of a replica in which battles were fought, four visitors in ten new ones."""
    with closing(Store.open(":memory:")) as store:
        store.watch("bench")
        for name in "ab":
            store.contender(name, name, {"name": name})
        # One transaction: nobody waits for the disk here.
        with store.writing():
            for number in range(count // 6 + 1):
                _fight(store, f"visitor-{number * 4 // 10}")
        return store.changed(0)[0][:count]


def _fight(store: Store, visitor: str) -> None:
    battle = Battle(visitor, "a", "b", 0.5, "focus")
    store.visitor(visitor)
    store.open_battle(battle)
    store.start_turn(battle.id, visitor, WORDS, 8)
    for side in (battle.left_conversation, battle.right_conversation):
        turn = Turn(WORDS, WORDS, finished=True)
        store.open_turn(side, 0, turn)
        store.close_turn(turn)
    store.ready(battle.id)
    store.vote(battle.id, visitor, "left")
