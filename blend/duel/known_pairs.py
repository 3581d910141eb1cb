"""Is a judge any good? It judges pairs of replies of which the better one is known.

python -m blend judges --roster R --judge J --data F.jsonl [F ...] takes the first reply of each
dialogue, and beside it the first reply of another dialogue of the same file: both are people's, but
only one of them answers. A judge that reads prefers that one, in both orders.
"""

import argparse
import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blend.command_line import SEED, CommandError, at_least, finish
from blend.evaluation.resample import Estimate
from blend.judging import Judge, Verdicts
from blend.judging.agreement import JudgeReport, judge_report, share
from blend.members import MemberError, SamplingError
from blend.message import Message
from blend.roster import RosterError, loading
from blend.roster import read as read_roster
from blend.scaling.dialogues import Dialogue, read


@dataclass(frozen=True, slots=True)
class KnownPair:
    """A history, the reply that followed it, and one that followed another history."""

    history: tuple[Message, ...]
    better: Message
    worse: Message


@dataclass(frozen=True, slots=True)
class KnownPairReport:
    """How often a judge preferred the better reply in both orders, and the worse one; the rest is
    torn, tied or cannot be read. general: what its verdicts tell without knowing."""

    right: Estimate
    wrong: Estimate
    general: JudgeReport


def known_pairs(dialogues: Sequence[Dialogue], rng: random.Random) -> list[KnownPair]:
    """One of each dialogue. Raises CommandError for a file that has one dialogue only."""
    pairs = []
    for dialogue in dialogues:
        others = [d for d in dialogues if d.source == dialogue.source and d.id != dialogue.id]
        if not others:
            raise CommandError(
                f"{dialogue.source} has one conversation: a pair needs two of a file"
            )
        other, place = rng.choice(others), dialogue.replies[0]
        worse = other.messages[other.replies[0]]
        pairs.append(KnownPair(dialogue.messages[:place], dialogue.messages[place], worse))
    return pairs


def known_pair_report(verdicts: Sequence[Verdicts]) -> KnownPairReport:
    """Of verdicts on pairs whose left side is the better one."""
    outcomes = np.array([each.outcome for each in verdicts])
    alone = np.arange(len(verdicts))
    shares = (share(outcomes == side, alone) for side in ("left", "right"))
    return KnownPairReport(*shares, judge_report(verdicts, alone))


async def ask(
    judges: Mapping[str, Judge], pairs: Sequence[KnownPair], at_once: int
) -> dict[str, list[Verdicts]]:
    """Every judge's verdicts on all pairs, the better one on the left. Raises MemberError."""
    from tqdm import tqdm

    gate = asyncio.Semaphore(at_once)
    with tqdm(total=len(judges) * len(pairs), desc="judging", unit=" pairs", disable=None) as bar:

        async def one(by: Judge, pair: KnownPair) -> Verdicts:
            async with gate:
                found = await by.verdicts(pair.history, [pair.better], [pair.worse])
            bar.update()
            return found

        coming = {name: [one(by, pair) for pair in pairs] for name, by in judges.items()}
        return {name: list(await asyncio.gather(*each)) for name, each in coming.items()}


def check_judges(args: argparse.Namespace) -> None:
    """Ask and report. Raises CommandError and what reading and loading raise."""
    roster = read_roster(args.roster)
    loading.check_judges(args.judge, roster)
    pairs = known_pairs(read(args.data, args.split, args.most), random.Random(args.seed))
    with loading.loaded_judges(args.judge, roster) as (judges, _):
        verdicts = asyncio.run(ask(judges, pairs, args.at_once))
    print(markdown({name: known_pair_report(each) for name, each in verdicts.items()}), end="")


def markdown(reports: Mapping[str, KnownPairReport]) -> str:
    """A table for a terminal and for GitHub."""
    lines = [
        "| judge | pairs | right | wrong | unreadable | torn by the order | lean to the first |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, of in reports.items():
        torn, lean = of.general.torn, of.general.position_bias
        known = (of.right, of.wrong, of.general.unreadable, torn)
        shares = [f"{each:.0%}" if each else "–" for each in known]
        cells = " | ".join([*shares, f"{lean:+.2f}" if lean else "–"])
        lines.append(f"| {name} | {of.general.battles:,} | {cells} |")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend judges", description=__doc__)
    add = parser.add_argument
    add("--roster", default="embedded", help="a shipped roster's name or a .toml")
    judge = "a member, or reward:FOLDER; may be given several times"
    add("--judge", action="append", required=True, metavar="MEMBER", help=judge)
    add("--data", type=Path, nargs="+", required=True, help="dialogues, .jsonl or .jsonl.gz")
    add("--split", help="only conversations with this `split`")
    add("--most", type=at_least(1), help="the first so many conversations of each file")
    add("--at-once", type=at_least(1), default=4, help="pairs that are judged at a time")
    add("--seed", type=SEED, default=0, help="of the other replies")
    args = parser.parse_args(argv)
    errors = (RosterError, MemberError, SamplingError)
    return finish("blend judges", lambda: check_judges(args), errors)
