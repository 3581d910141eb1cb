"""python -m arena contenders: who was ever here; retire or rename one, or give its owner feedback.

A retired contender keeps its votes and its rating. It is drawn for no battle any more and stands
folded away below the board; blends that it is a member of go on. The feedback has votes with their
reasons and thumbs, without texts and without visitors. All may be done while the site runs.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from arena.command import CommandError, finish
from arena.csv_cells import csv_lines
from arena.db import file_lock
from arena.db.repositories.contenders import name_problem
from arena.db.repositories.votes.feedback import COLUMNS
from arena.db.store import Store, open_for_command
from arena.models import Contender


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m arena contenders",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("contender", nargs="?", help="a name or an id; without one, list them")
    parser.add_argument("--db", default="arena.db", type=Path, help="the database; may be in use")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--retire", action="store_true", help="draw it for no more battles")
    act.add_argument("--restore", action="store_true", help="undo --retire")
    act.add_argument("--rename", metavar="NAME", help="show it under another name")
    act.add_argument("--feedback", type=Path, metavar="FILE", help="write a .csv or .jsonl file")
    args = parser.parse_args(argv)
    acts = args.retire or args.restore or args.rename is not None or args.feedback
    if args.contender is None and acts:
        parser.error("name the contender")
    return finish("contenders", lambda: run(args))


def run(args: argparse.Namespace) -> None:
    """List, change or write. Raises CommandError and StoreError."""
    changes = args.retire or args.restore or args.rename is not None
    # Shared, as the site's own page holds it: nobody has to stop a site for this.
    with open_for_command(args.db, file_lock.shared if changes else None) as store:
        if args.contender is None:
            print_all(store)
            return
        which = find_one(store, args.contender)
        if args.feedback:
            n = write_feedback(store, which, args.feedback)
            print(f"{args.feedback}: {n:,} votes and thumbs on {which.name}")
        elif args.rename is not None:
            if problem := name_problem(args.rename):
                raise CommandError(problem)
            store.contenders.rename(which.id, args.rename)
            print(f"{which.id}: {which.name} is called {args.rename} now")
        elif changes:
            store.contenders.retire(which.id, args.retire)
            print(f"{which.id}: {which.name} is {'retired' if args.retire else 'back'}")
        else:
            print_all(store, [which])


def find_one(store: Store, name: str) -> Contender:
    """The contender of that name or id. Raises CommandError where there is none, or several."""
    found = store.contenders.find(name)
    if not found:
        raise CommandError(f"there is no contender {name!r}: `arena contenders` lists all")
    if len(found) > 1:
        ids = ", ".join(each.id for each in found)
        raise CommandError(f"several contenders were called {name!r}: name one by its id: {ids}")
    return found[0]


def print_all(store: Store, shown: Iterable[Contender] = ()) -> None:
    """A line each: id, name, and whether the host has retired it."""
    retired = store.contenders.retired()
    for each in shown or store.contenders.all():
        print(f"{each.id}  {each.name}{'  retired by the host' if each.id in retired else ''}")


def write_feedback(store: Store, of: Contender, file: Path) -> int:
    """Write the contender's feedback; how many rows there are. Raises CommandError."""
    rows = [*store.feedback.read(of.id)]
    if file.suffix == ".csv":
        lines = csv_lines(COLUMNS, rows)
    elif file.suffix == ".jsonl":
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        raise CommandError(f"{file}: name a file that ends in .csv or .jsonl")
    try:
        with open(file, "x", encoding="utf-8") as out:
            out.writelines(lines)
    except FileExistsError:
        raise CommandError(f"{file} is there already: name another file") from None
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from None
    return len(rows)
