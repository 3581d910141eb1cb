"""Event files, `events/*.jsonl`: what older versions told the Hub. They are read once, at a start.

    {"part": "votes", "at": 1764000000.25, "row": {"battle": "0198…", "choice": "left", …}}

A row may come in several states. `at` is when it changed, in seconds since 1970. Whether a visitor
is barred was told apart from the visitor's row, as the part "visitors.barred".
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from arena.db.database import Database
from arena.db.introspection import TableLayout, tables
from arena.db.merge import UNFIT, conflict_clause, join_columns
from arena.models import RowError

BARS = "visitors.barred"
STAMPS = {"votes": "judged", "turns": "marked"}  # the columns that tell when a row last changed
LARGEST = 1e12  # no number that the arena stores is larger; in seconds it is the year 33658


def read_events(db: Database, files: Iterable[Path]) -> int:
    """Put the rows of these files into `db`, a copy of the rows that they refer to, to be merged
    afterwards; how many lines or rows were left out.

    A torn or odd one must not keep back all others.
    """
    known, left_out = tables(db), 0
    db.query("PRAGMA foreign_keys = OFF")
    with db.transaction():
        found = [event for file in files for event in _lines(file)]
        left_out += found.count(None)
        # Bars last: they change a row that has to be there.
        for part, at, row in sorted(filter(None, found), key=lambda e: (e[0] == BARS, e[1])):
            try:
                _put(db, known, part, at, row)
            except (RowError, OverflowError, UnicodeEncodeError):
                left_out += 1
        for table, _, wrong in UNFIT:
            left_out += db.execute(f"DELETE FROM {table} WHERE {wrong}")
        while dangling := {row[:2] for row in db.query("PRAGMA foreign_key_check")}:
            for table, rowid in dangling:
                left_out += db.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
    return left_out


def _put(db: Database, tables: dict[str, TableLayout], part: str, at: float, row: dict) -> None:
    if part == BARS:
        db.execute(
            "UPDATE visitors SET barred = ?, barred_at = ? WHERE id = ?",
            (row.get("barred"), at, row.get("id")),
        )
    elif part in tables:
        of = tables[part]
        known = {name: row[name] for name in of.columns if name in row}
        if not known:
            raise RowError(f"a row of {part} is empty")
        if part in STAMPS:
            known[STAMPS[part]] = at
        db.execute(
            f"INSERT INTO {part} ({join_columns(known)}) VALUES ({', '.join('?' * len(known))})"
            f" {conflict_clause(of)}",
            tuple(known.values()),
        )


def _lines(file: Path) -> Iterator[tuple[str, float, dict] | None]:
    """The events of a file; None for a line that is none.

    What stands after the last line's end was torn off while it was written, and is no line.
    """
    for line in file.read_bytes().split(b"\n")[:-1]:
        try:
            event = json.loads(line)
            part, at, row = event["part"], event["at"], event["row"]
            fits = isinstance(part, str) and all(map(_fits, (at, *row.values())))
            yield (part, float(at), row) if fits else None
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            yield None


def _fits(value: object) -> bool:
    """Whether this may be one value of a row."""
    number = isinstance(value, int | float)
    return abs(value) <= LARGEST if number else value is None or isinstance(value, str)
