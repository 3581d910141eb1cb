"""Two replicas of the arena's database that tell one another what they have."""

import random
import shutil
from pathlib import Path

from arena.db.introspection import tables
from arena.db.replica import Replica
from arena.db.store import Store


def take(store: Store, *files: Path) -> None:
    """What the Hub does with files: each one is altered by it, so they are copies."""
    for file in files:
        copy = shutil.copy(file, f"{store.database.path}.other")
        Replica(store.database).merge_snapshot(Path(copy))


def tell(one: Store, other: Store) -> Path:
    """The snapshot of one, taken by the other."""
    file = Path(f"{one.database.path}.{random.random()}")
    Replica(one.database).write_snapshot(file)
    take(other, file)
    return file


def rows(store: Store) -> dict[str, list]:
    """All rows of all tables; a visitor's address is that of each replica's own key."""
    found = {
        t: sorted(store.database.query(f"SELECT * FROM {t}"), key=repr)
        for t in tables(store.database)
    }
    return found | {"visitors": [(*row[:2], *row[3:]) for row in found["visitors"]]}
