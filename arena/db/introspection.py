"""The tables of the arena's rows as a file tells them, with what a later migration adds."""

from typing import NamedTuple

from arena.db.database import Database

LOCAL = (
    *("replication", "vote_counts", "battle_counts", "reason_counts", "reason_givers"),
    "tag_changes",
)
"""What a file notes of itself, or counts: no row of these belongs to another file."""


class TableLayout(NamedTuple):
    """One table. columns: all their names in order. key: those that tell its rows apart."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


def tables(db: Database) -> dict[str, TableLayout]:
    """The tables by name, older ones first: parents before children."""
    with db.locked():
        return {
            table.name: TableLayout(
                table.name, tuple(c.name for c in table.columns), tuple(table.pks)
            )
            for table in db.tables.tables
            if table.name not in LOCAL and not table.name.startswith(("_", "sqlite_"))
        }


def references(db: Database, parent: str) -> list[tuple[str, str]]:
    """Each (table, column) that refers to a row of the table `parent`."""
    with db.locked():
        return [
            (table.name, key.column)
            for table in db.tables.tables
            for key in table.foreign_keys
            if key.other_table == parent
        ]
