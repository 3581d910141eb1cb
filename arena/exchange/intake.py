"""python -m arena import: other arenas' votes, kept apart from one's own by their source.

FILE is JSON, JSON Lines or Parquet with model_a, model_b and winner, as Chatbot Arena publishes its
battles and as export writes them, or CSV with left, right and winner. Columns for the visitor
(visitor, judge), the time (time, tstamp), turns and language are used where they are.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from arena.bulk import Bulk, Finished
from arena.command import CommandError, finish
from arena.exchange import files
from arena.exchange.foreign import Foreign
from arena.exchange.target import target

TOLD = 10
"""Rows that cannot be read are told one by one up to this many."""


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then nothing is stored."""
    parser = argparse.ArgumentParser(prog="python -m arena import", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help=".json, .jsonl, .parquet or .csv")
    parser.add_argument("--db", default="arena.db", type=Path, help="made where it is missing")
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out rows that cannot be read"
    )
    args = parser.parse_args(argv)
    return finish("import", lambda: Intake(args.file, args.skip_bad).into(args.db))


class Intake:
    """One file on its way into a database."""

    def __init__(self, file: Path, skip_bad: bool):
        self._file = file
        self._skip_bad = skip_bad
        self._foreign = Foreign(time.time())
        self._rows = self._bad = self._not_counted = 0

    def into(self, db: Path) -> None:
        """Store all rows in one transaction. Raises CommandError and StoreError."""
        with open(self._file, "rb") as raw, target(db) as place, closing(Bulk.open(place)) as bulk:
            new = bulk.bring(self._battles(raw))
        print(f"{self._file}: {new:,} of {self._rows:,} votes are new in {db}")
        if self._not_counted:
            print(f"{self._not_counted:,} of them do not count, as the file says")
        if self._foreign.alone:
            print(f"{self._foreign.alone:,} have no visitor: each is taken as a visitor's only one")
        if self._bad:
            print(f"{self._bad:,} rows were left out")

    def _battles(self, raw: BinaryIO) -> Iterator[Finished]:
        size = self._file.stat().st_size
        with tqdm(total=size, desc="importing", unit="B", unit_scale=True, leave=False) as bar:
            for number, row in files.read(raw):
                try:
                    if isinstance(row, ValueError):
                        raise row
                    battle = self._foreign.battle(row)
                except ValueError as error:
                    self._tell(number, error)
                    continue
                self._rows += 1
                self._not_counted += bool(battle.reason)
                yield battle
                if self._rows % 1000 == 0:
                    bar.update(raw.tell() - bar.n)
        if self._bad and not self._skip_bad:
            raise CommandError(
                f"{self._file}: {self._bad:,} rows cannot be read, so nothing was stored: mend "
                "them, or leave them out with --skip-bad"
            )

    def _tell(self, number: int, error: ValueError) -> None:
        self._bad += 1
        if self._bad <= TOLD:
            tqdm.write(f"{self._file}: line {number}: {error}", file=sys.stderr)
        elif self._bad == TOLD + 1:
            tqdm.write("further ones are only counted", file=sys.stderr)
