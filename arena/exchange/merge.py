"""python -m arena merge: the votes of several databases in one, each counted once."""

import argparse
from contextlib import closing
from pathlib import Path

from arena.command import CommandError, finish
from arena.db.file_lock import write_target
from arena.exchange.archive import Archive
from arena.exchange.backup import copied, progress
from arena.plural import many


def main(argv: list[str]) -> int:
    """The command; 2 when a file cannot be merged."""
    parser = argparse.ArgumentParser(prog="python -m arena merge", description=__doc__)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="may be in use: it is only read"
    )
    parser.add_argument("--into", required=True, type=Path, help="a database, made where missing")
    args = parser.parse_args(argv)
    stopped = "files that were said to be merged are in, the others are not"
    return finish("merge", lambda: merge(args.files, args.into), stopped)


def merge(files: list[Path], into: Path) -> None:
    """Take the rows of each file into `into`, a file at a time, each whole or not at all.

    A row is known by its id: merging a file twice adds nothing. All files are looked at before
    anything is written. Raises CommandError and StoreError.
    """
    for file in files:
        with closing(Archive.source(file)):
            if into.exists() and into.samefile(file):
                raise CommandError(f"{into} cannot be merged into itself: name another file")
    with write_target(into) as place, closing(Archive.open(place)) as whole:
        for file in files:
            _merge(file, whole)


def _merge(file: Path, whole: Archive) -> None:
    with copied(file, Path(whole.db.path).parent) as copy:
        # The copy is brought up to date, so that the file itself need not be written.
        with closing(Archive.source(copy)) as before:
            older = before.db.pending_migrations()
        with closing(Archive.open(copy)) as current:
            wrong = current.unfit()
        if wrong:
            raise CommandError(
                f"{file}: {wrong} is too long, is no JSON object, or has a character that no id or "
                "name may have, so nothing of it was merged: change that there, or delete the "
                "visitor with forget"
            )
        with progress(f"merging {file.name}") as report:
            merged = whole.merge(copy, report)
    new = ", ".join(f"{new:,} of {of:,} {table}" for table, (new, of) in merged.rows.items() if of)
    print(f"{file}: added {new or 'nothing: it is empty'}")
    if older:
        print(f"{file} is of an older version (before {older[0]}): its copy was brought up to date")
    if merged.differ:
        print(f"{file}: {many(merged.differ, 'battle')} had another vote: the earlier is kept")
