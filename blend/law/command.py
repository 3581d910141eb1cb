"""The law of multi-model collaboration, measured on your own models.

python -m blend law --roster R --data F.jsonl [F ...] [--out DIR] scores every reply of the data
under every member (resumable; the table is DIR/losses.parquet) and reports what pools of them reach
at best for their parameters, what of it is luck, and where Blended lies. --losses joins tables
that were made before; --compare only measures how much one pass a conversation saves.
"""

import argparse
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from blend import losses
from blend.command_line import finish
from blend.law import ledger, picture, scoring
from blend.law.findings import report
from blend.law.replies import LawError, Talk, read
from blend.law.report import save
from blend.law.sheet import markdown
from blend.members import MemberError, SamplingError
from blend.roster import MemberSpec, Roster, RosterError
from blend.roster import read as read_roster


def law(args: argparse.Namespace) -> int:
    """Score, join, report. Raises LawError and what loading raises."""
    if not args.data and not args.losses:
        raise LawError("nothing to measure: give --data with dialogues, or --losses with a table")
    roster = read_roster(args.roster)
    tables = [ledger.load(path) for path in args.losses]
    if args.data:
        specs, talks = _asked(args, roster)
        if args.compare:
            return _compare(specs, talks)
        tables.append(scoring.measured(specs, talks, args.out / "losses.parquet"))
    table = ledger.joined(tables)
    table = table.of([m.name for m in table.members if not args.only or m.name in args.only])
    there = {who.name for who in table.members}
    blends = {b.name: b.members for b in roster.blends if there.issuperset(b.members)}
    rng = np.random.default_rng(args.seed)
    found = report(args.title or roster.title, table, blends, args.largest, args.body, rng)
    args.out.mkdir(parents=True, exist_ok=True)
    save(found, args.out / "report.json")
    drawn = find_spec("matplotlib") is not None  # it is not among what the page needs
    if drawn:
        picture.draw(found, args.out)
    else:
        print(
            "no pictures: they need matplotlib: pip install 'matplotlib>=3.9,<4'", file=sys.stderr
        )
    text = markdown(found, drawn)
    (args.out / "README.md").write_text(text, encoding="utf-8")
    print(markdown(found, False))
    return 0


def _asked(args: argparse.Namespace, roster: Roster) -> tuple[list[MemberSpec], list[Talk]]:
    known = [spec.name for spec in roster.members]
    if missing := set(args.only or ()) - set(known):
        raise LawError(f"no member {missing.pop()!r} in the roster: known are {', '.join(known)}")
    specs = [spec for spec in roster.members if not args.only or spec.name in args.only]
    scoring.refuse(specs)
    return specs, read(args.data, args.split, args.most)


def _compare(specs: list[MemberSpec], talks: list[Talk]) -> int:
    """Seconds of one pass a conversation beside reply by reply, same model, same replies."""
    for spec in specs:
        loaded, most = scoring.load(spec), spec.sampling.max_tokens
        together = [(talk.messages, talk.replies) for talk in talks]
        alone = [(talk.messages, [place]) for talk in talks for place in talk.replies]
        took = []
        for asked, way in ((together, losses.score), (alone, losses.one_by_one)):
            dict(way(loaded, asked[:2], most))
            began = time.perf_counter()
            nats = sum(loss.nats for _, loss in way(loaded, asked, most))
            took.append((time.perf_counter() - began, nats))
        (one, a), (each, b) = took
        print(
            f"{spec.name}: {len(alone):,} replies in {one:.2f} s, reply by reply {each:.2f} s: "
            f"{each / one:.1f} times as fast; nats {a:,.2f} and {b:,.2f}"
        )
    return 0


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend law", description=__doc__)
    add = parser.add_argument
    add("--roster", default="embedded", help="a shipped roster's name or a .toml")
    add("--data", type=Path, nargs="+", default=[], help="dialogues, .jsonl or .jsonl.gz")
    add("--losses", type=Path, nargs="+", default=[], help="tables that were made before")
    add("--out", type=Path, default=Path("law"), help="folder of the table and the report")
    add("--only", nargs="+", metavar="MEMBER", help="these members alone")
    add("--split", help="only conversations with this `split`")
    add("--most", type=int, help="the first so many conversations of each file")
    add("--largest", type=int, default=4, help="look at every pool up to this size, then greedily")
    add("--body", action="store_true", help="count parameters outside the tables of tokens")
    add("--title", help="of the report; the roster's own where none is given")
    add("--seed", type=int, default=0, help="of halves and resamples")
    add("--compare", action="store_true", help="only time one pass a conversation")
    args = parser.parse_args(argv)
    errors = (LawError, RosterError, MemberError, SamplingError)
    stopped = f"the same command goes on with {args.out / 'losses.parquet'}"
    return finish("blend law", lambda: law(args), errors, stopped)
