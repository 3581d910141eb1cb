"""python -m arena import: other arenas' votes, kept apart from one's own by their source.

FILE has model_a, model_b and winner, as Chatbot Arena publishes its battles and as export writes
them, or left, right and winner. Visitors, times, turns, languages, and lengths and markdown of the
replies are read from the columns that published votes have for them. It says which it found.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from arena.command import CommandError, finish
from arena.db.file_lock import write_target
from arena.db.repositories.imports import FinishedBattle
from arena.db.store import Store
from arena.exchange import vote_files
from arena.exchange.foreign_votes import ForeignVotes
from arena.plural import many

FORMS = ".csv, .tsv, .json, .jsonl, .ndjson or .parquet; all but the last also with .gz"

FACTS = {
    "visitor": ("visitor", ": each counts as a visitor of its own"),
    "time": ("time", ": dated to now"),
    "turns": ("turns", ""),
    "language": ("language", ""),
    "style": ("length and markdown", ""),
}
"""What a vote may tell: its name, and what becomes of votes that do not tell it."""

MOST_REPORTED = 10  # rows that cannot be read are reported one by one up to this many


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then nothing is stored."""
    parser = argparse.ArgumentParser(prog="python -m arena import", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help=FORMS)
    parser.add_argument("--db", default="arena.db", type=Path, help="made where it is missing")
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out rows that cannot be read"
    )
    args = parser.parse_args(argv)
    return finish("import", lambda: VoteImport(args.file, args.skip_bad).store_in(args.db))


class VoteImport:
    """One file on its way into a database."""

    def __init__(self, file: Path, skip_bad: bool):
        self._file = file
        self._skip_bad = skip_bad
        self._foreign = ForeignVotes(time.time())
        self._rows = self._bad = 0
        self._reasons: Counter[str] = Counter()

    def store_in(self, db: Path) -> None:
        """Store all rows in one transaction. Raises CommandError and StoreError."""
        with (
            open(self._file, "rb") as raw,
            write_target(db) as place,
            closing(Store.open(place)) as bulk,
        ):
            new = bulk.imports.battles(self._battles(raw))
        print(f"{self._file}: added {new:,} of {many(self._rows, 'vote')} to {db}")
        if self._reasons:
            reasons = self._reasons.most_common(MOST_REPORTED)
            text = ", ".join(f"{n:,} {reason}" for reason, n in reasons)
            print(f"  not counted, as the file says: {text}")
        for fact, (name, without) in FACTS.items():
            votes = {
                column: n for (what, column), n in self._foreign.columns.items() if what == fact
            }
            missing = self._rows - sum(votes.values())
            parts = [f"from {column} ({many(n, 'vote')})" for column, n in votes.items()]
            parts += [f"unknown ({many(missing, 'vote')}){without}"] if missing else []
            print(f"  {name}: {', '.join(parts)}")
        if self._bad:
            print(f"  left out: {many(self._bad, 'row')}")

    def _battles(self, raw: BinaryIO) -> Iterator[FinishedBattle]:
        size = self._file.stat().st_size
        with tqdm(total=size, desc="importing", unit="B", unit_scale=True, leave=False) as bar:
            for number, row in vote_files.read_rows(raw):
                try:
                    if isinstance(row, ValueError):
                        raise row
                    battle = self._foreign.battle(row)
                except ValueError as error:
                    self._report_bad_row(number, error)
                    continue
                self._rows += 1
                self._reasons.update([battle.reason] if battle.reason else [])
                yield battle
                if self._rows % 1000 == 0:
                    bar.update(raw.tell() - bar.n)
        bad = many(self._bad, "row")
        if self._bad and not self._skip_bad:
            raise CommandError(
                f"{self._file}: {bad} cannot be read, so nothing was stored: "
                "mend what is named above, or leave it out with --skip-bad"
            )
        if not self._rows:
            why = f"it has {bad} and none can be read" if self._bad else "it has no rows"
            raise CommandError(f"{self._file}: {why}, so nothing was stored")

    def _report_bad_row(self, number: int, error: ValueError) -> None:
        self._bad += 1
        if self._bad <= MOST_REPORTED:
            tqdm.write(f"{self._file}: line {number}: {error}", file=sys.stderr)
        elif self._bad == MOST_REPORTED + 1:
            tqdm.write("any more are only counted", file=sys.stderr)
