"""The law of multi-model collaboration, measured on your own models.

python -m blend law --roster R --data F.jsonl [F ...] [--out DIR] scores every reply of the data
under every member (resumable; the table is DIR/losses.parquet) and reports what pools of them reach
at best for their parameters, what of it is luck, and where Blended lies. --losses joins tables
that were made before; --compare only measures how much one pass a conversation saves.
"""

import argparse
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from blend.command_line import CommandError, at_least
from blend.roster import BlendSpec, MemberSpec
from blend.roster import read as read_roster
from blend.scaling import loss_table, losses, plots, scoring
from blend.scaling.analysis import report
from blend.scaling.dialogues import Dialogue, read
from blend.scaling.markdown import markdown
from blend.scaling.measurement import measurement_parser, run_measurement, to_json

if TYPE_CHECKING:
    from blend.members.local.weights import LoadedModel


def law(args: argparse.Namespace) -> None:
    """Score, join, report. Raises CommandError and what loading raises."""
    if not args.data and not args.losses:
        raise CommandError(
            "nothing to measure: give --data with dialogues, or --losses with a table"
        )
    roster = read_roster(args.roster)
    tables = [loss_table.load(path) for path in args.losses]
    if args.data:
        specs = scoring.choose(roster.members, args.only)
        dialogues = read(args.data, args.split, args.most)
        if args.compare:
            _compare(specs, dialogues, args.dtype)
            return
        tables.append(
            scoring.score_members(specs, dialogues, args.out / "losses.parquet", args.dtype)
        )
    table = loss_table.join(tables)
    table = table.of([m.name for m in table.members if not args.only or m.name in args.only])
    names = {member.name for member in table.members}
    blends = named_pools(roster.blends, names)
    rng = np.random.default_rng(args.seed)
    result = report(args.title or roster.title, table, blends, args.largest, args.body, rng)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "report.json").write_text(to_json(result), encoding="utf-8")
    if drawable := plots.drawable():
        plots.draw(result, args.out)
    (args.out / "README.md").write_text(markdown(result, drawable), encoding="utf-8")
    print(markdown(result, False))


def named_pools(
    blends: Iterable[BlendSpec], measured: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The pools of measured members that blends draw from, each by its first blend's name.

    A pool is what its members' chances make, however they are drawn. A panel draws nobody.
    """
    first: dict[frozenset[str], BlendSpec] = {}
    for blend in blends:
        if not blend.judge and set(measured).issuperset(blend.members):
            first.setdefault(frozenset(blend.members), blend)
    return {blend.name: blend.members for blend in first.values()}


def _compare(specs: list[MemberSpec], dialogues: list[Dialogue], dtype: str | None) -> None:
    """Seconds of one pass a conversation beside reply by reply, same model, same replies."""
    together = [(dialogue.messages, dialogue.replies) for dialogue in dialogues]
    alone = [[(messages, [place])] for messages, places in together for place in places]
    for spec in specs:
        loaded, most = scoring.load(spec, dtype), spec.sampling.max_tokens
        dict(losses.score(loaded, together[:2], most))  # the first passes are slower
        (one, a), (each, b) = (_timed(loaded, batches, most) for batches in ([together], alone))
        print(
            f"{spec.name}: {len(alone):,} replies in {one:.2f} s, reply by reply {each:.2f} s: "
            f"{each / one:.1f} times as fast; nats {a:,.2f} and {b:,.2f}"
        )


def _timed(loaded: "LoadedModel", batches: Iterable[list], max_tokens: int) -> tuple[float, float]:
    """Seconds to score the batches one after another, and the nats of all their replies."""
    began = time.perf_counter()
    nats = sum(loss for batch in batches for _, loss in losses.score(loaded, batch, max_tokens))
    return time.perf_counter() - began, nats


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = measurement_parser("law", __doc__)
    add = parser.add_argument
    add("--losses", type=Path, nargs="+", default=[], help="tables that were made before")
    largest = "look at every pool up to this size, then greedily"
    add("--largest", type=at_least(1), default=4, help=largest)
    add("--body", action="store_true", help="count parameters outside the tables of tokens")
    add("--compare", action="store_true", help="only time one pass a conversation")
    return run_measurement("law", law, parser.parse_args(argv))
