"""python -m arena ledger: every vote, counted or not, with the reason and the rules' version.

The newest come first. It prints visitors' ids: it is for the host, whose page /host has the newest.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from arena.command import at_least, finish
from arena.db.repositories.votes.ledger import SOURCES, LedgerEntry, LedgerQuery
from arena.db.store import Store
from arena.votes.rules import CODES

SHOWN = 50


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m arena ledger",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--db", default="arena.db", type=Path, help="the database; may be in use")
    add("--visitor", help="votes of this visitor, by id")
    add("--contender", help="votes on battles of this contender, by name or id")
    add("--battle", help="the vote of this battle, by id")
    add("--reason", help=f"votes left out for it: {', '.join(CODES)}, or a part of a code")
    add("--counted", choices=("yes", "no"), help="only votes that count, or do not")
    add("--source", choices=SOURCES, help="only votes of this source")
    limit = f"at most so many; 0: all (default: {SHOWN})"
    add("--limit", type=at_least(0), default=SHOWN, help=limit)
    add("--json", action="store_true", help="one JSON object a line")
    args = parser.parse_args(argv)
    return finish("ledger", lambda: run(args), "the list was cut short")


def run(args: argparse.Namespace) -> None:
    """Read and print, while reading. Raises StoreError."""
    fields = {name: getattr(args, name) for name in ("battle", "visitor", "contender", "reason")}
    counted = None if args.counted is None else args.counted == "yes"
    query = LedgerQuery(**fields, counted=counted, source=args.source)
    with closing(Store.open_readonly(args.db)) as store:
        entries = islice(store.ledger.read(query), args.limit or None)
        lines = map(as_line, entries) if args.json else as_table(entries)
        for line in lines:
            print(line)


def as_line(entry: LedgerEntry) -> str:
    """A vote as JSON."""
    return json.dumps(asdict(entry), ensure_ascii=False)


def as_table(entries: Iterable[LedgerEntry]) -> Iterable[str]:
    """A line a vote, for a terminal."""
    empty = True
    for at in entries:
        empty = False
        when = datetime.fromtimestamp(at.created, UTC).strftime("%Y-%m-%d %H:%M")
        verdict = "counts" if at.counted else f"does not count: {at.reason}"
        yield (
            f"{when}  {at.left} | {at.right}  {at.choice}  {verdict}  (rules {at.rules},"
            f" {at.source}, visitor {at.visitor}, battle {at.battle})"
        )
    if empty:
        print("There is no such vote.", file=sys.stderr)
