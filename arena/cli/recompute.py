"""python -m arena review: all votes under the rules of today, and what that would change.

With --apply the verdicts are stored, in small transactions; no vote is deleted, and the reasons
are kept with each. Imported votes are judged by who collected them. What only all votes of a
visitor can show is found here: who votes for one side far more often than chance explains.
"""

import argparse
import json
import sys
from pathlib import Path

from tqdm import tqdm

from arena.command import finish
from arena.db import file_lock
from arena.db.store import open_for_command
from arena.votes.anomalies import LEVEL
from arena.votes.recompute import Recomputation, recompute
from arena.votes.rules import explain

SOURCES = ("own", "simulated")


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m arena review", description=__doc__)
    add = parser.add_argument
    add("--db", default="arena.db", type=Path)
    add("--source", choices=SOURCES, default="own", help="which votes")
    add("--apply", action="store_true", help="store what changes")
    add("--json", action="store_true")
    args = parser.parse_args(argv)
    stopped = "each vote is as it was or as it shall be; the same command does the rest"
    return finish("review", lambda: run(args), stopped if args.apply else "nothing was changed")


def run(args: argparse.Namespace) -> None:
    """Read, judge, print, and store where asked. Raises StoreError."""
    with open_for_command(args.db, file_lock.exclusive if args.apply else None) as store:
        result = recompute(store.vote_audit.read(args.source))
        values = as_json(result, args.source) | {"applied": args.apply}
        if args.apply:
            total = values["changed"]
            with tqdm(total=total, desc="storing", leave=False, file=sys.stderr) as bar:
                for stored in store.vote_audit.apply(result.votes, result.results, result.changed):
                    bar.update(stored)
    print(json.dumps(values, indent=1) if args.json else as_text(values, args.db))


def as_json(result: Recomputation, source: str) -> dict:
    """What the rules say, what changes, and who stands out."""
    return {
        "source": source,
        "rules": result.results.rules,
        "votes": len(result.votes.counted),
        "counted_before": int(result.votes.counted.sum()),
        "counted_after": int(result.results.counted.sum()),
        "out": int(result.out.sum()),
        "back": int(result.back.sum()),
        "changed": int(result.changed.sum()),
        "reasons": {code: n for code, n in result.results.tally().items() if n},
        "one_sided_visitors": int((result.p_side < LEVEL).sum()),
        "surprising_visitors": int(result.surprising.sum()),
    }


def as_text(values: dict, db: Path) -> str:
    """The same for a terminal."""
    source = values["source"]
    rows = f"{values['changed']:,} rows, the version of the rules included"
    of = "" if source == "own" else f" --source {source}"
    lines = [
        f"{values['votes']:,} {source} votes under rules {values['rules']}: "
        f"{values['counted_after']:,} count ({values['counted_before']:,} before); "
        f"{values['out']:,} no longer do, {values['back']:,} do again",
        *(f"{n:>9,}  {code}: {explain(code)}" for code, n in values["reasons"].items()),
        f"visitors who vote for one side (exact binomial test): {values['one_sided_visitors']:,}",
        "visitors flagged by Chatbot Arena's test (Fisher; takes no vote away): "
        f"{values['surprising_visitors']:,}",
        f"Stored: {rows}. No vote was deleted."
        if values["applied"]
        else f"Nothing was changed. To store it ({rows}): review --db {db}{of} --apply",
    ]
    return "\n".join(lines)
