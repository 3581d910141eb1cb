"""The contenders that were ever on this site."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from arena.db.database import Database
from arena.models import Contender


@dataclass(frozen=True, slots=True)
class Contenders:
    """One row each, by the id that is the hash of its configuration."""

    db: Database

    def save(self, id: str, name: str, config: dict) -> None:
        """Note a contender; the same id again renames it, its votes stay."""
        self.db.execute(
            "INSERT INTO contenders (id, name, config) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, config = excluded.config",
            (id, name, json.dumps(config, sort_keys=True)),
        )

    def add_missing(self, contenders: Iterable[Contender]) -> None:
        """Note those of them that are not here yet."""
        rows = ((c.id, c.name, json.dumps(dict(c.config), sort_keys=True)) for c in contenders)
        self.db.insert("contenders", ("id", "name", "config"), rows)

    def all(self) -> list[Contender]:
        """All that were ever noted, by name."""
        rows = self.db.query("SELECT id, name, config FROM contenders ORDER BY name, id")
        return [contender_of(*row) for row in rows]


def contender_of(id: str, name: str, config: str) -> Contender:
    """A row of the contenders."""
    return Contender(id, name, json.loads(config))
