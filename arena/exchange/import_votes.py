"""python -m arena import: other arenas' votes, kept apart from one's own by their source.

FILE has model_a, model_b and winner, as Chatbot Arena publishes its battles and as export writes
them, or left, right and winner. Visitors, times, turns, languages and what was said are read from
the columns that published votes have for them. Also known, each by its own columns: Open WebUI's
feedback, compar:IA's votes, turns and reactions, MT-Bench's judgments, AlpacaEval's annotations,
and what Argilla and Label Studio export. Any other table is read by --map. It says what it found.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from arena.command import CommandError, finish
from arena.db.file_lock import write_target
from arena.db.import_rows import FinishedBattle
from arena.db.store import Store
from arena.exchange.foreign_votes import ForeignVotes
from arena.exchange.forms.column_map import MAPPED, parse_map, parse_winners
from arena.exchange.forms.form_reader import FormReader
from arena.exchange.forms.known_forms import COLUMNS
from arena.exchange.forms.rejected_rows import MOST_REPORTED, RejectedRows
from arena.exchange.forms.winner_words import WinnerWords
from arena.plural import many

FILE_ENDINGS = ".csv, .tsv, .json, .jsonl, .ndjson or .parquet; all but the last also with .gz"

FACTS = {
    "visitor": ("visitor", ": each counts as a visitor of its own"),
    "time": ("time", ": dated to now"),
    "turns": ("turns", ""),
    "language": ("language", ""),
    "style": ("length and markdown", ""),
    "texts": ("conversations", ""),
}
"""What a vote may tell: its name, and what becomes of votes that do not tell it."""


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then nothing is stored."""
    parser = argparse.ArgumentParser(prog="python -m arena import", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help=FILE_ENDINGS)
    parser.add_argument("--db", default="arena.db", type=Path, help="made where it is missing")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="WHAT=COLUMN,…",
        help=f"which column says what: {', '.join(MAPPED)}; in JSON a name may lead inside, as in"
        " left=data.model_1",
    )
    parser.add_argument(
        "--winners",
        action="append",
        default=[],
        metavar="CHOICE=WORD,…",
        help="the file's own words for who won, as in left=A,right=B,tie=0,both_bad=none; known"
        " without it: left, right, tie, both_bad, a, b, 1, 2, 0 (a tie) and the models' names",
    )
    parser.add_argument(
        "--no-texts", action="store_true", help="store no word of what was said, and no comment"
    )
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out rows that cannot be read"
    )
    parser.add_argument(
        "--rejected",
        type=Path,
        metavar="CSV",
        help="write the rows that are left out to this file, each with its number and the reason",
    )
    args = parser.parse_args(argv)
    return finish("import", lambda: VoteImport(args).store_in())


class VoteImport:
    """One file on its way into a database. args: of the command."""

    def __init__(self, args: argparse.Namespace):
        self._file, self._db, self._skip_bad = args.file, args.db, args.skip_bad
        self._map, self._words = parse_map(args.map), WinnerWords(parse_winners(args.winners))
        self._texts = not args.no_texts
        self._foreign = ForeignVotes(time.time(), self._map.columns, self._words, self._texts)
        self._rows = 0
        self._reasons: Counter[str] = Counter()
        self._rejected = RejectedRows(args.file, args.rejected)

    def store_in(self) -> None:
        """Store all rows in one transaction. Raises CommandError and StoreError."""
        with (
            open(self._file, "rb") as raw,
            write_target(self._db) as place,
            closing(Store.open(place)) as bulk,
            self._rejected,
        ):
            reader = FormReader(raw, self._map)
            with bulk.database.transaction():
                new = bulk.imports.battles(self._battles(raw, reader))
                # Who was forgotten stays so, and texts that are too old do not come back.
                erased = bulk.erasure.repeat()
            if erased:
                bulk.database.empty_log()
        self._report(new, reader.form.name)

    def _report(self, new: int, form: str) -> None:
        print(f"{self._file}: added {new:,} of {many(self._rows, 'vote')} to {self._db}")
        if form != COLUMNS.name:
            print(f"  form: {form}")
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
        for line in self._rejected.summary():
            print(f"  {line}")

    def _battles(self, raw: BinaryIO, reader: FormReader) -> Iterator[FinishedBattle]:
        size = self._file.stat().st_size
        with tqdm(total=size, desc="importing", unit="B", unit_scale=True, leave=False) as bar:
            for number, line, vote in reader.votes():
                try:
                    if isinstance(vote, ValueError):
                        raise vote
                    battle = self._foreign.battle(vote)
                except ValueError as error:
                    self._rejected.add(number, line, error)
                    continue
                self._rows += 1
                self._reasons.update([battle.reason] if battle.reason else [])
                yield battle
                if self._rows % 1000 == 0:
                    bar.update(raw.tell() - bar.n)
        self._check()

    def _check(self) -> None:
        """Raise CommandError where the file as a whole may not be stored."""
        bad = many(self._rejected.bad, "row")
        if self._rejected.bad and not self._skip_bad:
            raise CommandError(
                f"{self._file}: {bad} cannot be read, so nothing was stored: "
                "mend what is named above, or leave it out with --skip-bad"
            )
        if not self._rows:
            why = f"it has {bad} and none can be read" if self._rejected.bad else "it has no rows"
            for reason, count in self._rejected.without_vote.most_common(1):
                why = f"it has no vote; of {many(count, 'row')}: {reason}"
            raise CommandError(f"{self._file}: {why}, so nothing was stored")
        if unclear := self._words.unclear():
            raise CommandError(f"{self._file}: {unclear}; nothing was stored")
