"""What judges that are models said of battles that models played."""

from collections.abc import Iterable
from dataclasses import dataclass

from arena.db.database import Database
from arena.models import MachineVerdict

COLUMNS = ("battle", "played", "judge", "opener", "left_first", "left_second")


@dataclass(frozen=True, slots=True)
class MachineVerdicts:
    """The verdicts of battles of the source "judged"; one that is there never changes."""

    db: Database

    def add(self, verdicts: Iterable[tuple[str, MachineVerdict]]) -> None:
        """Verdicts by the id of their battle, which is there. One that has any keeps it."""
        self.db.insert("verdicts", COLUMNS, ((battle, *verdict) for battle, verdict in verdicts))

    def all(self) -> list[MachineVerdict]:
        """Every verdict, in the order in which they were stored."""
        columns = ", ".join(COLUMNS[1:])
        rows = self.db.query(f"SELECT {columns} FROM verdicts ORDER BY rowid")
        return [MachineVerdict(*row) for row in rows]
