"""python -m arena categories: which categories the first messages have by the rules of today.

With --apply they are stored, in small transactions. A battle whose first message is not kept stays
as it was tagged. Categories of your own are those of the roster, so name the site's roster.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from arena.categories.tagger import Tagger
from arena.command import CommandError, finish
from arena.db import file_lock
from arena.db.store import open_for_command
from arena.plural import many
from blend import roster


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m arena categories", description=__doc__)
    add = parser.add_argument
    add("--db", default="arena.db", type=Path)
    add("--roster", help="whose [categories] count as well (default: only those there always are)")
    add("--apply", action="store_true", help="store what changes")
    add("--json", action="store_true")
    args = parser.parse_args(argv)
    stopped = "each battle is as it was or as it shall be; the same command does the rest"
    return finish("categories", lambda: run(args), stopped if args.apply else "nothing was changed")


def run(args: argparse.Namespace) -> None:
    """Read, print, and store where asked. Raises CommandError and StoreError."""
    try:
        tagger = Tagger(roster.read(args.roster).categories if args.roster else {})
    except roster.RosterError as error:
        raise CommandError(str(error)) from None
    with open_for_command(args.db, file_lock.exclusive if args.apply else None) as store:
        todo, lost = store.categories.stale(tagger)
        if args.apply:
            with tqdm(total=todo, desc="tagging", leave=False, file=sys.stderr) as bar:
                for stored in store.categories.tag_stale(tagger):
                    bar.update(stored)
        tags = Counter(store.categories.counts())
    values = {
        **{"rules": tagger.version, "changed": todo, "without_text": lost, "applied": args.apply},
        "battles": dict(tags.most_common()),
    }
    print(json.dumps(values, indent=1) if args.json else as_text(values, args))


def as_text(values: dict, args: argparse.Namespace) -> str:
    """The same for a terminal."""
    changed = f"{many(values['changed'], 'battle')} tagged by other rules, or by none"
    of = f" --roster {args.roster}" if args.roster else ""
    lines = [f"{n:>9,}  {name}" for name, n in values["battles"].items()] or [
        "no battle has a category yet"
    ]
    if values["without_text"]:
        lines.append(
            f"{many(values['without_text'], 'battle')} cannot be tagged anew: their first message"
            " is not kept"
        )
    lines.append(
        f"Stored: {changed}, now by rules {values['rules']}."
        if args.apply
        else f"{changed}: categories --db {args.db}{of} --apply does it by rules {values['rules']}"
    )
    return "\n".join(lines)
