"""python -m arena merge: the votes of several databases in one, each counted once."""

import argparse
from contextlib import closing
from pathlib import Path

from arena.command import CommandError, finish
from arena.db.database import Database
from arena.db.file_lock import write_target
from arena.db.merge import find_unfit, merge_file
from arena.exchange.backup import checked_copy, progress_bar
from arena.plural import many


def main(argv: list[str]) -> int:
    """The command; 2 when a file cannot be merged."""
    parser = argparse.ArgumentParser(prog="python -m arena merge", description=__doc__)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="may be in use: it is only read"
    )
    parser.add_argument("--into", required=True, type=Path, help="a database, made where missing")
    args = parser.parse_args(argv)
    stopped = "files that were reported as merged are in, the others are not"
    return finish("merge", lambda: merge(args.files, args.into), stopped)


def merge(files: list[Path], into: Path) -> None:
    """Add the rows of each file to `into`, a file at a time, each whole or not at all.

    A row is known by its id: merging a file twice adds nothing. All files are looked at before
    anything is written. Raises CommandError and StoreError.
    """
    for file in files:
        with closing(Database.open_readonly(file, older=True)):
            if into.exists() and into.samefile(file):
                raise CommandError(f"{into} cannot be merged into itself: name another file")
    with write_target(into) as place, closing(Database.open(place)) as whole:
        for file in files:
            _merge(file, whole)


def _merge(file: Path, whole: Database) -> None:
    with checked_copy(file, Path(whole.path).parent) as copy:
        # The copy is brought up to date, so that the file itself need not be written.
        with closing(Database.open_readonly(copy, older=True)) as before:
            pending = before.pending_migrations()
        with closing(Database.open(copy)) as current:
            unfit = find_unfit(current)
        if unfit:
            raise CommandError(
                f"{file}: {unfit} is too long, is no JSON object, or has a character that no id or "
                "name may have, so nothing of it was merged: change that there, or delete the "
                "visitor with forget"
            )
        with progress_bar(f"merging {file.name}") as report:
            result = merge_file(whole, copy, report)
    rows = result.rows.items()
    added = ", ".join(f"{new:,} of {total:,} {table}" for table, (new, total) in rows if total)
    print(f"{file}: added {added or 'nothing: it is empty'}")
    if pending:
        print(
            f"{file} is of an older version (before {pending[0]}): its copy was brought up to date"
        )
    if result.conflicts:
        print(f"{file}: {many(result.conflicts, 'battle')} had another vote: the earlier is kept")
