"""The rows of a file that are left out: each with its number and the reason."""

import csv
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tqdm import tqdm

from arena.csv_cells import escape_cell
from arena.exchange.forms.form import NoVote
from arena.plural import many

MOST_REPORTED = 10
"""Rows that cannot be read are reported one by one up to this many; reasons as well."""


class RejectedRows:
    """Counts them, reports the first ones, and lists all in a CSV file where one is asked for.

    bad: rows that cannot be read. without_vote: rows that tell of no vote, by the reason.
    """

    def __init__(self, file: Path, out: Path | None):
        self.bad = 0
        self.without_vote: Counter[str] = Counter()
        self._file, self._out = file, out
        self._list = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._out is not None:
            place = self._open.enter_context(open(self._out, "x", newline="", encoding="utf-8"))
            self._list = csv.writer(place)
            self._list.writerow(["row", "line", "reason"])
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, row: int, line: int, error: ValueError) -> None:
        """A row by its number and its line; the reason is the error's."""
        if self._list is not None:
            self._list.writerow([row, line, escape_cell(str(error))])
        if isinstance(error, NoVote):
            self.without_vote[str(error)] += 1
            return
        self.bad += 1
        if self.bad <= MOST_REPORTED:
            place = f"row {row}" if row == line else f"row {row} (line {line})"
            tqdm.write(f"{self._file}: {place}: {error}", file=sys.stderr)
        elif self.bad == MOST_REPORTED + 1:
            tqdm.write("any more are only counted", file=sys.stderr)

    def summary(self) -> list[str]:
        """How many were left out and why, a line each; none where nothing was."""
        lines = [
            f"left out: {many(count, 'row')}: {reason}"
            for reason, count in self.without_vote.most_common(MOST_REPORTED)
        ]
        if self.bad:
            lines.append(f"left out: {many(self.bad, 'row')} that cannot be read")
        if lines and self._out is not None:
            lines.append(f"each is listed in {self._out}")
        return lines
