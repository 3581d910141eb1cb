"""python -m arena leaderboard: the ranking of a database as a table or as JSON.

It only reads, and may run beside the app. Votes of different sources are never mixed.
"""

import argparse
import json
from contextlib import closing
from pathlib import Path

import numpy as np

from arena.command import SEED, CommandError, at_least, finish
from arena.db.store import Store
from arena.models import JUDGED
from arena.ranking.ablation import format as ablation_format
from arena.ranking.ablation.affinity import affinities
from arena.ranking.ablation.analysis import analyse_blend
from arena.ranking.ablation.composition import compositions
from arena.ranking.ballots import Ballots
from arena.ranking.board.profiles import display_names
from arena.ranking.context.draws import writers
from arena.ranking.context.influences import COLUMNS
from arena.ranking.format import SOURCE_LABELS, as_json, as_text
from arena.ranking.judges import JudgesReport, judges_report, judges_text
from arena.ranking.ratings import MINIMUM
from arena.ranking.sensitivity.analysis import analyse_sensitivity
from arena.ranking.sensitivity.format import sensitivity_json, sensitivity_text
from arena.ranking.slices import BY, CATEGORY
from arena.ranking.standings import compute_standings

ABLATION = "ablation"

OVERLAP = "Categories overlap: a vote is in the slice of each that its battle's first message has."

NEEDS = {"style": ("style",), "weighted": ("chance",), "month": ("created",)}
"""Columns by what is asked for; a slice's are otherwise its own name."""


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done."""
    args = _parser().parse_args(argv)
    return finish("leaderboard", lambda: leaderboard(args))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m arena leaderboard", description=__doc__)
    add = parser.add_argument
    add("--db", default="arena.db", type=Path, help="the database; may be in use")
    add("--json", action="store_true", help="print JSON, with the matrix of wins")
    by = "the board of each slice as well; ablation: a blend taken apart, by members and size"
    add("--by", choices=[*BY, ABLATION], default="", help=by)
    method = parser.add_mutually_exclusive_group()
    method.add_argument("--style", action="store_true", help="ratings at equal length and markdown")
    method.add_argument("--weighted", action="store_true", help="as if all pairs met equally often")
    add("--source", choices=[*SOURCE_LABELS], help="which votes (default: this site's own, if any)")
    add("--focus", default="", metavar="NAME", help="whom the sentence is about")
    add("--anchor", metavar="NAME", help="who is 1000 by definition (default: the mean)")
    count, minimum = at_least(0), "battles under which one is preliminary"
    add("--minimum", type=count, default=MINIMUM, help=minimum)
    add("--bootstrap", type=count, default=0, metavar="ROUNDS", help="resample visitors as well")
    add("--seed", type=SEED, default=1, help="of the bootstrap")
    other = "ratings with ties as an outcome of their own, and by voters who judge, beside these"
    add("--sensitivity", action="store_true", help=other)
    return parser


def leaderboard(args: argparse.Namespace) -> None:
    """Read, rate and print. Raises CommandError and StoreError."""
    method = "style" if args.style else "weighted" if args.weighted else "plain"
    by = "" if args.by == ABLATION else args.by
    columns = {c for wish in (method, by) for c in NEEDS.get(wish, (wish,)) if wish != "plain"}
    with closing(Store.open_readonly(args.db)) as box:
        filled = box.ballots.sources()
        source = args.source or next((s for s in SOURCE_LABELS if s in filled), "own")
        ballots = box.ballots.read(source, sorted({*columns, *COLUMNS} - {""}))
        rest = box.ballots.excluded(source)
        contenders = box.contenders.all()
        labels = display_names(contenders, set(ballots.names), set())
        judges = _judges(box, ballots) if source == JUDGED else None
        retired = {labels[id] for id in box.contenders.retired() if id in labels}
    try:
        result = compute_standings(
            ballots.renamed(labels),
            method,
            by,
            args.anchor,
            args.minimum,
            args.focus,
            args.bootstrap,
            np.random.default_rng(args.seed),
            retired=retired,
            writers={labels[c.id]: writers(c.config) for c in contenders if c.id in labels},
        )
    except ValueError as error:
        raise CommandError(str(error)) from None
    of = (result, source, len(ballots), rest)
    values, text = (as_json(*of), []) if args.json else ({}, [*as_text(*of)])
    if judges is not None:
        values[JUDGED] = judges.record()
        text += ["", *judges_text(judges)]
    if args.by == CATEGORY:
        text += ["", OVERLAP]
    if args.sensitivity:
        people = source != JUDGED
        found = analyse_sensitivity(ballots.renamed(labels), args.anchor, args.minimum, people)
        values |= sensitivity_json(found, result.retired)
        text += ["", *sensitivity_text(found, result.retired)]
    if args.by == ABLATION:
        analysis = analyse_blend(result.ratings, compositions(contenders, labels), args.focus)
        pairs = [(pair.a, pair.b) for pair in analysis.pairs] if analysis else []
        votes_together = affinities(ballots.renamed(labels), result.ratings, pairs)
        values[ABLATION] = ablation_format.as_json(analysis, votes_together)
        text += ["", *ablation_format.as_text(analysis, votes_together)]
    print(json.dumps(values, indent=1) if args.json else "\n".join(text))


def _judges(box: Store, ballots: Ballots) -> JudgesReport:
    """How good the machines are whose votes these are, by contender id."""
    return judges_report(box.machine_verdicts.all(), ballots, box.ballots.read("own"))
