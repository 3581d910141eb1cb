"""The contenders that were ever on this site."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from arena.db.database import Database
from arena.models import Contender

LONGEST_NAME = 60


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

    def find(self, name: str) -> list[Contender]:
        """Those of that name, or the one of that id."""
        rows = self.db.query(
            "SELECT id, name, config FROM contenders WHERE ? IN (id, name) ORDER BY id", (name,)
        )
        return [contender_of(*row) for row in rows]

    def retire(self, id: str, retired: bool) -> None:
        """From now on it is drawn for no battle and folded away on the board, or no longer so."""
        self.db.execute(
            "INSERT INTO contender_labels (contender, retired, changed) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET retired = excluded.retired, changed = excluded.changed",
            (id, int(retired), self.db.clock()),
        )

    def rename(self, id: str, name: str) -> None:
        """It is called so from now on; a roster that still has it names it again when it loads."""
        self.db.execute(
            "INSERT INTO contender_labels (contender, name, changed) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET name = excluded.name, changed = excluded.changed",
            (id, name, self.db.clock()),
        )

    def labels(self) -> tuple[tuple[str, str | None, bool], ...]:
        """What the host has said of them: id, the new name if there is one, whether retired."""
        rows = self.db.query("SELECT contender, name, retired FROM contender_labels ORDER BY 1")
        return tuple((id, name, bool(retired)) for id, name, retired in rows)

    def retired(self) -> frozenset[str]:
        """The ids of those that the host has retired."""
        return frozenset(id for id, _, retired in self.labels() if retired)

    def all(self) -> list[Contender]:
        """All that were ever noted, by name."""
        rows = self.db.query("SELECT id, name, config FROM contenders ORDER BY name, id")
        return [contender_of(*row) for row in rows]


def name_problem(name: str) -> str:
    """Why a contender cannot be called so, in a sentence; empty where it can."""
    if 0 < len(name.strip()) == len(name) <= LONGEST_NAME and name.isprintable():
        return ""
    return f"a name has 1 to {LONGEST_NAME} characters that can be seen, and no space at its ends"


def contender_of(id: str, name: str, config: str) -> Contender:
    """A row of the contenders."""
    return Contender(id, name, json.loads(config))
