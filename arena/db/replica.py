"""What a replica shares with others: snapshots of its file, and whether there is news in it."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from arena.db.database import Database
from arena.db.introspection import tables
from arena.db.merge import find_unfit, merge_file
from arena.db.repositories.erasure import Erasure
from arena.db.whole_file import check_file
from arena.models import DamagedError, RowError


@dataclass(frozen=True, slots=True)
class Replica:
    """One of several databases that are merged into one another."""

    db: Database

    def write_snapshot(self, out: Path) -> None:
        """Copy the whole file to `out`, which must not exist, with nothing that was deleted.

        Without texts where none are to be kept.
        """
        self.db.query_apart("VACUUM INTO ?", (str(out),))  # nobody who writes meanwhile has to wait
        if not self.db.keep_texts:
            with closing(Database.open_plain(out, self.db.path)) as copy:
                if Erasure(copy).drop_texts():
                    copy.query("VACUUM")

    def merge_snapshot(self, other: Path) -> None:
        """Merge a snapshot of another replica, which is changed by that, into the file in use.

        Raises DamagedError where it cannot be used, StoreError where it is of a newer version.
        """
        with closing(Database.open(other)) as copy:
            check_file(copy)
            if unfit := find_unfit(copy):
                raise DamagedError(f"{other} has what may not be stored: {unfit}")
        with closing(Database.open_plain(other, self.db.path)) as copy:
            _drop_known_rows(copy, self.db.path)
        try:
            merge_file(self.db, other, lambda done, total: None)
        except RowError as error:
            raise DamagedError(str(error)) from error

    def is_empty(self) -> bool:
        """Whether no table of the arena's has a row."""
        return not any(
            self.db.query_one(f"SELECT EXISTS (SELECT 1 FROM {name})")[0]
            for name in tables(self.db)
        )

    def change_mark(self) -> tuple[int, int]:
        """A value that changes with whatever is written here, except by a merge."""
        with self.db.locked():
            (others,) = self.db.query_one("PRAGMA data_version")
            return self.db.connection.total_changes - self.db.merged_rows, others

    def deletions(self) -> tuple[int, int]:
        """How often something was deleted here, and how many of these the other places know."""
        return self.db.query_one("SELECT purge, purged FROM replication")

    def note_deletions_pushed(self, number: int) -> None:
        """Note that so many deletions have reached the other places; that is no change here."""
        with self.db.locked():
            self.db.merged_rows += self.db.execute(
                "UPDATE replication SET purged = max(purged, ?)", (number,)
            )


def _drop_known_rows(copy: Database, here: str) -> None:
    """Delete each row of `copy` that the file `here` has just so. It is only read: nobody waits."""
    copy.query("ATTACH ? AS here", (here,))
    for name, columns, _ in tables(copy).values():
        same = " AND ".join(f'x."{column}" IS t."{column}"' for column in columns)
        copy.query(
            f"DELETE FROM main.{name} AS t WHERE EXISTS (SELECT 1 FROM here.{name} x WHERE {same})"
        )
    copy.query("DETACH here")
