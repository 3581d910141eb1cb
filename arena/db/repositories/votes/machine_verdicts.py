"""What judges that are models said of battles that models played."""

from collections.abc import Iterable
from dataclasses import dataclass

from arena.db.database import Database
from arena.models import MachineVerdict, RowError

COLUMNS = ("battle", "played", "judge", "digest", "opener", "left_first", "left_second")

CHANGED = "SELECT 1 FROM verdicts WHERE judge = ? AND digest <> ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class MachineVerdicts:
    """The verdicts of battles of the source "judged"; one that is there never changes."""

    db: Database

    def add(self, verdicts: Iterable[tuple[str, MachineVerdict]]) -> None:
        """Verdicts by the id of their battle, which is there. One that has any keeps it.

        Raises RowError for a judge that is not the one of this name that judged before.
        """
        verdicts = [*verdicts]
        for judge, digest in {(each.judge, each.digest) for _, each in verdicts}:
            if self.db.query_one(CHANGED, (judge, digest)):
                raise RowError(
                    f"the judge {judge!r} is not the one that judged here before: give the new one"
                    " another name in its roster, or take another database"
                )
        self.db.insert("verdicts", COLUMNS, ((battle, *verdict) for battle, verdict in verdicts))

    def all(self) -> list[MachineVerdict]:
        """Every verdict, in the order in which they were stored."""
        columns = ", ".join(COLUMNS[1:])
        rows = self.db.query(f"SELECT {columns} FROM verdicts ORDER BY rowid")
        return [MachineVerdict(*row) for row in rows]
