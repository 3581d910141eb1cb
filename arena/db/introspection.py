"""The tables of a database as the file tells them: columns, keys, and who refers to whom."""

from typing import NamedTuple

from arena.db.database import Database

LOCAL = ("replication", "vote_counts", "battle_counts")
"""What a file notes of itself, or counts: no row of these belongs to another file."""


class Table(NamedTuple):
    """One table. columns: all their names in order. key: those that tell its rows apart."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Reference(NamedTuple):
    """A column that holds a key of another table, `parent`."""

    table: str
    column: str
    parent: str


def tables(db: Database, schema: str = "main") -> dict[str, Table]:
    """The tables of the arena's rows by name, older ones first: parents before children.

    What a later migration adds is known here without a word.
    """
    rows = db.query(
        f"SELECT m.name, c.name, c.pk FROM {schema}.sqlite_schema m"
        " JOIN pragma_table_info(m.name, ?) c WHERE m.type = 'table'"
        " AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        " AND m.name NOT LIKE '!_sqlite%' ESCAPE '!' ORDER BY m.rowid, c.cid",
        (schema,),
    )
    columns: dict[str, list[tuple[str, int]]] = {}
    for table, column, key in rows:
        if table not in LOCAL:
            columns.setdefault(table, []).append((column, key))
    return {
        table: Table(table, tuple(c for c, _ in each), tuple(c for c, key in each if key))
        for table, each in columns.items()
    }


def references(db: Database) -> list[Reference]:
    """Every column that refers to a row of another table, or of its own."""
    rows = db.query(
        'SELECT m.name, k."from", k."table" FROM sqlite_schema m'
        " JOIN pragma_foreign_key_list(m.name) k WHERE m.type = 'table'"
    )
    return [Reference(*row) for row in rows]
