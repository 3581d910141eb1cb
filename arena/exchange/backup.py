"""python -m arena backup: a checked copy of the database, made while the app goes on writing."""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tqdm import tqdm

from arena.command import CommandError, finish
from arena.db.database import Database
from arena.db.whole_file import Report, copy_file


def main(argv: list[str]) -> int:
    """The command; 2 when the copy cannot be made, and then there is none."""
    parser = argparse.ArgumentParser(prog="python -m arena backup", description=__doc__)
    parser.add_argument("--db", default="arena.db", type=Path, help="the database; may be in use")
    parser.add_argument("--out", required=True, type=Path, help="the copy to make")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    args = parser.parse_args(argv)
    return finish("backup", lambda: backup(args.db, args.out, args.force), "no copy was made")


def backup(db: Path, out: Path, force: bool = False) -> None:
    """Copy `db` to `out`: as of one moment, checked, and there only when it is whole.

    Raises CommandError where `out` is there and not to be replaced; StoreError.
    """
    if out.exists() and not force:
        raise CommandError(f"{out} is there already: name another file, or add --force")
    if not out.parent.is_dir():
        raise CommandError(f"there is no folder {out.parent}: make it, or name another file")
    if out.exists() and out.samefile(db):
        raise CommandError(f"{out} is the database itself: name another file")
    with checked_copy(db, out.parent) as copy:
        if force:
            os.replace(copy, out)
        else:
            # Unlike a rename this fails where the name was taken in the meantime.
            os.link(copy, out)
    print(f"{out}: {out.stat().st_size / 2**20:,.1f} MB, checked")


@contextmanager
def checked_copy(db: Path, folder: Path) -> Iterator[Path]:
    """A checked copy of `db` in a new folder under `folder`, which goes when the block ends."""
    with (
        closing(Database.open_readonly(db, older=True)) as source,
        tempfile.TemporaryDirectory(prefix=".arena-", dir=folder) as place,
    ):
        copy = Path(place, "copy.db")
        with progress_bar(f"copying {db.name}") as report:
            copy_file(source, copy, report)
        yield copy


@contextmanager
def progress_bar(title: str) -> Iterator[Report]:
    """A bar on stderr, and the function that moves it."""
    form = "{desc} {percentage:3.0f} %|{bar}| {elapsed}"
    with tqdm(desc=title, leave=False, bar_format=form) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield report
