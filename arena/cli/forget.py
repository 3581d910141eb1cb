"""python -m arena forget: delete a visitor's texts and id, or all texts of some age.

Votes stay and count as before, as those of an anonymous visitor. It may run beside the app. Where
votes are kept on the Hub, the app deletes there as well, within minutes or at its next start.
Copies made before (backups, exports) are not reached: delete them yourself. What was published is
missing from the next version that you publish; publish --prune deletes the versions before.
"""

import argparse
import time
from pathlib import Path

from arena.command import CommandError, at_least, finish
from arena.db import file_lock
from arena.db.import_rows import imported_id
from arena.db.store import open_for_command
from arena.plural import many


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then nothing is deleted."""
    parser = argparse.ArgumentParser(
        prog="python -m arena forget",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("visitor", nargs="?", help="the visitor's id, as the About page tells it")
    parser.add_argument("--db", default="arena.db", type=Path, help="the database; may be in use")
    add, older = parser.add_argument, "drop such texts of everybody"
    add("--texts-older-than", type=at_least(0), metavar="DAYS", help=older)
    parser.add_argument(
        "--imported",
        action="store_true",
        help="the visitor is named as in a file that was imported",
    )
    args = parser.parse_args(argv)
    if args.imported and args.visitor is not None:
        args.visitor = imported_id("visitor", args.visitor)
    if (args.visitor is None) == (args.texts_older_than is None):
        parser.error("name a visitor's id, or --texts-older-than DAYS")
    return finish("forget", lambda: forget(args.db, args.visitor, args.texts_older_than))


def forget(db: Path, visitor: str | None, days: int | None) -> None:
    """Delete a visitor's data, or else texts older than so many days. Raises CommandError and
    StoreError."""
    # Shared, unlike other commands that write: nobody should have to stop a site for this, and it
    # does no more than the site's own page.
    with open_for_command(db, file_lock.shared) as store:
        if visitor is None:
            dropped = store.erasure.expire_texts(time.time(), days)
            print(f"{db}: the texts of {dropped:,} turns and conversations are dropped")
            return
        if store.erasure.is_erased(visitor):
            raise CommandError(f"the data of {visitor} was deleted from {db} before")
        published = store.publication.published_by(visitor)
        if not store.erasure.erase_visitor(visitor):
            raise CommandError(f"{db} has no visitor {visitor}: correct the id")
    print(f"{db}: the texts and the id of {visitor} are deleted; their votes count as before")
    if published:
        print(
            f"{many(published, 'conversation')} of theirs {'was' if published == 1 else 'were'}"
            " published: python -m arena publish makes a version without them, and --prune deletes"
            " those before. Copies that others have downloaded cannot be reached"
        )
