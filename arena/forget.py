"""python -m arena forget: delete a visitor's texts and id, or all texts of some age.

Votes stay and count as before, as those of an anonymous visitor. It may run beside the app. Where
votes are kept on the Hub, the app deletes there as well, within minutes or at its next start.
Copies made before (backups, exports) are not reached: delete them yourself.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from arena import hold
from arena.command import CommandError, finish
from arena.erasure import Erasure


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then nothing is deleted."""
    parser = argparse.ArgumentParser(
        prog="python -m arena forget",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("visitor", nargs="?", help="the visitor's id, as the About page tells it")
    parser.add_argument("--db", default="arena.db", type=Path, help="the database; may be in use")
    parser.add_argument(
        "--texts-older-than", type=int, metavar="DAYS", help="drop such texts of everybody"
    )
    args = parser.parse_args(argv)
    if (args.visitor is None) == (args.texts_older_than is None):
        parser.error("name a visitor's id, or --texts-older-than DAYS")
    if args.visitor is not None:
        return finish("forget", lambda: forget(args.db, args.visitor))
    return finish("forget", lambda: expire(args.db, args.texts_older_than))


def forget(db: Path, visitor: str) -> None:
    """Delete one visitor's data. Raises CommandError where there is none, and StoreError."""
    with _opened(db) as store:
        if store.forgotten(visitor):
            raise CommandError(f"the data of {visitor} was deleted from {db} before")
        if not store.forget(visitor):
            raise CommandError(f"{db} has no visitor {visitor}: correct the id")
    print(f"{db}: the texts and the id of {visitor} are deleted; their votes count as before")


def expire(db: Path, days: int) -> None:
    """Drop the texts that are older than so many days. Raises CommandError and StoreError."""
    if days < 0:
        raise CommandError(f"--texts-older-than must be at least 0, not {days}")
    with _opened(db) as store:
        dropped = store.expire(time.time(), days)
    print(f"{db}: the texts of {dropped:,} turns and conversations are dropped")


@contextmanager
def _opened(db: Path) -> Iterator[Erasure]:
    if not db.is_file():
        raise CommandError(f"there is no database {db}: correct its name")
    # Shared, unlike other commands that write: nobody should have to stop a site for this, and it
    # does no more than the site's own page.
    with hold.shared(db), closing(Erasure.open(db)) as store:
        yield store
