"""python -m arena simulate: made-up votes in a database, labelled as such, with their truth.

For trying the board before anybody has voted, for planning how many votes are needed, and for
tests. All of it follows from the seed: the same command gives the same votes. With --visitors and
without --votes it makes the visits of an experiment instead; see
arena/simulation/simulate_visits.py.
"""

import argparse
import json
from contextlib import closing
from pathlib import Path

import numpy as np

from arena.command import SEED, CommandError, at_least, finish
from arena.db.file_lock import write_target
from arena.db.store import Store
from arena.models import Contender
from arena.ranking.pairing import POLICIES
from arena.ranking.ratings import SCALE
from arena.ranking.style import MARKS, TWICE
from arena.simulation import simulate_visits
from arena.simulation.synthetic_strengths import draw_strengths
from arena.simulation.synthetic_votes import HABITS, SyntheticArena, SyntheticVotes, draw_votes
from arena.simulation.vote_rows import synthetic_contenders, vote_rows
from arena.votes.anomalies import LEVEL, one_sided
from arena.votes.recompute import RuleResults, apply_rules
from blend.roster import RosterError, read

SPREAD = 100.0  # standard deviation of the contenders' ratings, in points

POINTS = at_least(-10_000, 10_000, float)
"""The `type` of an option that takes points of the board."""


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then nothing is stored."""
    given = {arg.partition("=")[0] for arg in argv}
    if "--visitors" in given and "--votes" not in given:
        return simulate_visits.main(argv)
    args = _parser().parse_args(argv)
    return finish("simulate", lambda: simulate(args), "nothing was stored")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m arena simulate", description=__doc__)
    add = parser.add_argument
    add("--db", default="arena.db", type=Path, help="made where it is missing")
    add("--votes", type=at_least(1), default=2000)
    add("--contenders", type=at_least(2, why="one alone meets nobody"), default=5)
    add("--roster", help="its contenders, ablation and all, in place of so many nameless ones")
    add("--seed", type=SEED, default=1)
    visitors = "how many visitors vote (default: a 20th of the votes)"
    add("--visitors", type=at_least(1), help=visitors)
    half = at_least(0, 0.5, float)
    add("--ties", type=half, default=0.25, help="share of ties between equals, up to 0.5")
    add("--both-bad", type=at_least(0, 0.99, float), default=0.05, help="share of votes")
    add("--side", type=POINTS, default=10.0, help="points that being on the left is worth")
    add("--style", type=POINTS, default=20.0, help="points that writing twice as much is worth")
    taste, share = at_least(0, 10_000, float), at_least(0, 1, float)
    add("--taste", type=taste, default=60.0, help="points that visitors' own tastes vary by")
    add("--turns", type=POINTS, default=15.0, help="points the first gains with every turn")
    add("--bad", type=share, default=0.02, help="share of visitors who do not judge")
    add("--pairing", choices=POLICIES, default="round_robin")
    add("--json", action="store_true", help="print what is true as JSON")
    return parser


def simulate(args: argparse.Namespace) -> None:
    """Make the votes, apply the rules to them as to any votes, and store them in one transaction.

    Raises CommandError for what makes no arena, and where these votes are stored already;
    StoreError.
    """
    world, contenders = build_arena(args)
    rng = np.random.default_rng([args.seed, args.votes])
    drawn = draw_votes(world, args.votes, rng)
    p = one_sided(drawn.ballots)
    verdict = apply_rules(drawn.record, (p < LEVEL)[drawn.ballots.visitor])
    visitors = [f"sim{args.seed}-{args.votes}-{i}" for i in range(world.visitors)]
    with write_target(args.db) as place, closing(Store.open(place)) as store:
        if store.visits.has_visitor(visitors[0]):
            raise CommandError(f"{args.db} has these votes already: choose another --seed")
        first = drawn.record.created[0] if args.votes else 0.0
        rows = vote_rows(world, drawn, verdict, [each.id for each in contenders], visitors, rng)
        store.imports.simulated(contenders, ((id, first) for id in visitors), rows)
    truth = describe_truth(world, drawn, verdict, args)
    print(json.dumps(truth, indent=1) if args.json else _sentence(truth, args))


def build_arena(args: argparse.Namespace) -> tuple[SyntheticArena, list[Contender]]:
    """The world of the options, and who fights in it. Raises CommandError where they make none."""
    visitors = args.visitors or max(1, args.votes // 20)
    rng = np.random.default_rng(args.seed)
    contenders: list[Contender] = []
    if args.roster:
        contenders, points = _roster_strengths(args.roster, rng)
        names = tuple(each.name for each in contenders)
    else:
        names = tuple(f"simulated {args.seed}-{i + 1:02}" for i in range(args.contenders))
        points = rng.normal(0, SPREAD, args.contenders)
    world = SyntheticArena(
        names=names,
        strengths=(points - points.mean()) / SCALE,
        visitors=visitors,
        ties=args.ties,
        both_bad=args.both_bad,
        side=args.side / SCALE,
        style=np.array([args.style / SCALE / TWICE, 0.0, 0.0, 0.0]),
        wordy=rng.lognormal(0, 0.3, len(names)),
        taste=args.taste / SCALE,
        gain=args.turns / SCALE,
        bad=args.bad,
        pairing=args.pairing,
    )
    return world, contenders or synthetic_contenders(world, args.seed)


def _roster_strengths(name: str, rng: np.random.Generator) -> tuple[list[Contender], np.ndarray]:
    try:
        return draw_strengths(read(name), rng)
    except RosterError as error:
        raise CommandError(str(error)) from None


def describe_truth(
    world: SyntheticArena, drawn: SyntheticVotes, verdict: RuleResults, args: argparse.Namespace
) -> dict:
    """What is true, in the board's units: what its numbers should find."""
    return {
        "source": "simulated",
        "seed": args.seed,
        "votes": len(drawn.ballots),
        "counted": int(verdict.counted.sum()),
        "not_counted": {code: n for code, n in verdict.tally().items() if n},
        "visitors": {
            habit: int(n)
            for habit, n in zip(HABITS, np.bincount(drawn.habit, minlength=4), strict=True)
        },
        "ratings": {
            name: round(1000 + SCALE * xi, 1)
            for name, xi in zip(world.names, world.strengths.tolist(), strict=True)
        },
        "side_points": args.side,
        "twice_as_much_points": dict(
            zip(MARKS, (world.style * SCALE * TWICE).tolist(), strict=True)
        ),
        "taste_points": args.taste,
        "points_with_every_turn": {world.names[0]: args.turns},
        "ties_between_equals": args.ties,
        "both_bad": args.both_bad,
    }


def _sentence(truth: dict, args: argparse.Namespace) -> str:
    best = max(truth["ratings"], key=truth["ratings"].get)
    return (
        f"{args.db}: {truth['votes']:,} simulated votes of {sum(truth['visitors'].values()):,} "
        f"visitors, {truth['counted']:,} of them counted; {best} is truly the best. "
        f"See them with: python -m arena leaderboard --db {args.db} --source simulated"
    )
