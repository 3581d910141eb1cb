"""Battles played by machines: a model is the visitor, models answer, models judge.

python -m blend duel --roster R --judge J [--visitor V] [--out DIR] plays every pair of the roster's
contenders on every opener; both sides get the same messages. A judge is a member of the roster,
which is asked for a letter, or reward:FOLDER, a reward model. Each pair is judged in both orders.
DIR/battles.jsonl gets a line a battle; the same command goes on where it was stopped.
python -m arena import DIR/battles.jsonl stores them as votes of the source "judged".
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from blend.command_line import SEED, CommandError, at_least, finish
from blend.duel.battle import DuelContender, ScheduledBattle, schedule
from blend.duel.battle_file import read_battles
from blend.duel.duel import Duel
from blend.duel.opening import Opening, from_dialogues, from_file, from_texts
from blend.duel.report import duel_report, markdown
from blend.members import Member, MemberError, SamplingError
from blend.roster import BlendSpec, Roster, RosterError, loading
from blend.roster import read as read_roster
from blend.roster.contender import assemble, config, contender_id, digest, identity_hash
from blend.roster.fields import did_you_mean
from blend.scaling.measurement import to_json


def duel(args: argparse.Namespace) -> None:
    """Play, judge, report. Raises CommandError and what reading and loading raise."""
    roster = read_roster(args.roster)
    openings = _openings(args, roster)
    contenders = _choose(roster, args.only, args.focus)
    others = {name for spec in contenders for name in spec.needs}
    others |= {args.visitor} if args.visitor else set()
    specs = loading.check_judges(args.judge, roster, others)
    args.out.mkdir(parents=True, exist_ok=True)
    file = args.out / "battles.jsonl"
    kept = read_battles(file)
    with loading.loaded_judges(args.judge, roster, others) as (judges, members):
        digests = {name: digest(specs[name], member) for name, member in members.items()}
        visitor, known_by = None, ""
        if args.visitor:
            visitor = members[args.visitor]
            known_by = f"{args.visitor} {identity_hash(specs[args.visitor], digests[args.visitor])}"
        fighting = [_contender(spec, roster, members, digests) for spec in contenders]
        focus = roster.focus if args.focus else None
        plan = list(schedule(openings, fighting, focus, args.turns, args.seed, known_by))
        match = Duel(file, kept, judges, visitor)
        asyncio.run(match.run(plan, args.at_once))
    _report(match, plan, args)


def _openings(args: argparse.Namespace, roster: Roster) -> list[Opening]:
    if args.data and (args.openers or args.visitor):
        raise CommandError(
            "--data brings the visitor's messages: leave out --openers and --visitor"
        )
    if args.data:
        return from_dialogues(args.data, args.turns, args.split, args.most)
    if args.turns > 1 and not args.visitor:
        raise CommandError(
            "nobody writes the visitor's second message: name a member with --visitor, give"
            " dialogues with --data, or leave out --turns"
        )
    if not (args.openers or roster.openers):
        raise CommandError("the roster has no openers: give first messages with --openers")
    found = from_file(args.openers) if args.openers else from_texts(roster.openers, args.roster)
    return found[: args.most]


def _choose(roster: Roster, only: Sequence[str], focus: bool) -> list[BlendSpec]:
    specs = {spec.name: spec for spec in roster.contenders}
    for name in only:
        if name not in specs:
            raise CommandError(f"no contender {name!r}{did_you_mean(name, specs)}")
    chosen = [spec for name, spec in specs.items() if not only or name in only]
    if len(chosen) < 2:
        raise CommandError("a battle needs two contenders: name another one with --only")
    if focus and roster.focus not in {spec.name for spec in chosen}:
        raise CommandError(f"--focus needs {roster.focus!r}: name it with --only, too")
    return chosen


def _contender(
    spec: BlendSpec, roster: Roster, members: Mapping[str, Member], digests: Mapping[str, str]
) -> DuelContender:
    described = config(spec, roster, digests)
    assemble(spec, members, described)  # what it cannot be made of is said before a battle begins
    return DuelContender(contender_id(described), described, spec, members)


def _report(match: Duel, plan: Sequence[ScheduledBattle], args: argparse.Namespace) -> None:
    """Print the tables of what was asked for, and what failed. Raises CommandError if all did."""
    judged = [match.kept[battle.id] for battle in plan if battle.id in match.kept]
    if match.failures:
        first, *others = match.failures
        more = f", and {len(others):,} others" if others else ""
        print(f"not played or not judged to the end: {first}{more}", file=sys.stderr)
    judges = [name for name in match.judges if any(name in b.verdicts for b in judged)]
    if not judges:
        raise CommandError("no battle came to its end: mend what is named above")
    report = duel_report(judged, judges)
    (args.out / "report.json").write_text(to_json(report), encoding="utf-8")
    text = markdown(report)
    (args.out / "README.md").write_text(text, encoding="utf-8")
    print(text, end="")
    taking_part = [n for n in judges if any(n in (b.left, b.right) for b in judged)]
    for name in taking_part:
        print(f"\n{name} judged battles of its own: a judge may favour itself.")


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend duel", description=__doc__)
    add = parser.add_argument
    add("--roster", default="embedded", help="a shipped roster's name or a .toml")
    add(
        "--judge",
        action="append",
        required=True,
        metavar="MEMBER",
        help="a member, or reward:FOLDER; may be given several times",
    )
    add("--visitor", metavar="MEMBER", help="writes the visitor's messages after the first")
    add("--openers", type=Path, help="first messages: a .toml, JSON Lines, or one a line")
    add("--data", type=Path, nargs="+", help="dialogues whose people's messages are the visitor's")
    add("--split", help="of --data, only conversations with this `split`")
    most = "the first so many openers, or conversations of each file"
    add("--most", type=at_least(1), help=most)
    turns = "messages of the visitor in a battle, at most"
    add("--turns", type=at_least(1), default=1, help=turns)
    only = {"action": "extend", "nargs": "+", "default": []}
    add("--only", **only, metavar="CONTENDER", help="these contenders alone")
    add("--focus", action="store_true", help="only pairs of the roster's focus")
    add("--at-once", type=at_least(1), default=4, help="battles that are played at a time")
    add("--seed", type=SEED, default=0, help="of sides, draws and what members write")
    add("--out", type=Path, default=Path("duel"), help="folder of what is kept")
    args = parser.parse_args(argv)
    errors = (RosterError, MemberError, SamplingError)
    stopped = f"the same command goes on with {args.out / 'battles.jsonl'}"
    return finish("blend duel", lambda: duel(args), errors, stopped)
