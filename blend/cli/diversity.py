"""What a roster's members say to the same histories, and how different that is.

python -m blend diversity [--roster R] [--data F] asks every member each history several times, and
prints, for each pair, how much their replies differ beyond how much one member's own do. With
--losses (a table made by python -m blend law) it prints how far their losses go together.
"""

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path

from blend.command_line import CommandError, at_least, finish
from blend.evaluation.diversity import (
    MEASURES,
    MemberDistance,
    Replies,
    loss_correlations,
    pair_distances,
)
from blend.evaluation.resample import Estimate
from blend.members import Member, MemberError, SamplingError
from blend.members.reply import replace_surrogates, stream_reply
from blend.message import Message
from blend.policies.embedding import EmbeddingError, SentenceEmbedder
from blend.roster import RosterError, loading, read
from blend.roster.fields import read_lines

AT_ONCE = 8
"""Replies that one member writes at a time."""

History = tuple[Message, ...]


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend diversity", description=__doc__)
    add = parser.add_argument
    add("--roster", default="embedded", help="a shipped roster's name or a .toml")
    add("--data", type=Path, help="first messages, one a line, or dialogues as JSON Lines")
    add("--histories", type=at_least(1), default=100, help="at most so many")
    samples = at_least(2, why="one member differs from itself, too")
    add("--samples", type=samples, default=3, help="replies of each member to each history")
    add("--sentences", metavar="MODEL", help="measure by sentence vectors as well")
    add("--losses", type=Path, help="a table of losses (.parquet)")
    add("--json", action="store_true", help="for programs")
    args = parser.parse_args(argv)
    errors = (RosterError, MemberError, SamplingError, EmbeddingError)
    return finish("blend diversity", lambda: print(report(args)), errors)


def report(args: argparse.Namespace) -> str:
    """Ask, measure, and say it. Raises CommandError and what loading and answering raise."""
    roster = read(args.roster)
    if len(roster.members) < 2:
        raise CommandError("a pair needs two members: add one to the roster")
    if not (args.data or roster.openers):
        raise CommandError("the roster has no openers: give first messages with --data")
    openers = [(Message("user", text),) for text in roster.openers[: args.histories]]
    prompts = histories(args.data, args.histories) if args.data else openers
    measures = dict(MEASURES)
    if args.sentences:
        measures["sentence distance"] = SentenceEmbedder.load(args.sentences).distance()
    losses = loss_correlations(_losses(args.losses, roster.singles)) if args.losses else {}
    members = loading.load_members(roster.members)
    try:
        replies = asyncio.run(collect_replies(members, prompts, args.samples))
    finally:
        loading.close_members(members)
    pairs = {name: pair_distances(replies, distance) for name, distance in measures.items()}
    if not args.json:
        return _text(pairs, losses, len(prompts), args.samples)
    by_measure = {measure: [asdict(pair) for pair in each] for measure, each in pairs.items()}
    together = [{"a": a, "b": b, **asdict(r)} for (a, b), r in losses.items()]
    return json.dumps({"measures": by_measure, "losses": together}, indent=1)


def histories(path: Path, most: int) -> list[History]:
    """First messages (one a line, or the texts of a .toml), or dialogues up to the visitor's third
    message; `most` of them. Raises CommandError and RosterError."""
    lines = read_lines(path)
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not numbered:
        raise CommandError(f"{path} has no history: write first messages into it, one a line")
    return [_history(line, f"{path}: line {number}") for number, line in numbered[:most]]


def _history(line: str, where: str) -> History:
    if not line.lstrip().startswith("{"):
        return (Message("user", line.strip()),)
    try:
        texts = [replace_surrogates(str(turn["text"])) for turn in json.loads(line)["turns"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        texts = []
    texts = texts[: min(5, len(texts) - 1 + len(texts) % 2)]  # the visitor has the last word
    if not texts:
        raise CommandError(f"{where} is no dialogue: it needs turns, each with a text")
    return tuple(Message(("user", "assistant")[n % 2], text) for n, text in enumerate(texts))


async def collect_replies(
    members: Mapping[str, Member], prompts: Sequence[History], samples: int
) -> Replies:
    """Every member's replies to every history, `samples` of each. Raises MemberError."""
    from tqdm import tqdm

    total, gate, replies = len(members) * len(prompts) * samples, asyncio.Semaphore(AT_ONCE), {}
    with tqdm(total=total, desc="asking", unit=" replies", leave=False, disable=None) as bar:

        async def one(member: Member, history: History) -> str:
            pieces = stream_reply(member, history, member.sampling)
            async with gate, aclosing(pieces):
                reply = "".join([piece async for piece in pieces])
            bar.update()
            return reply

        for name, member in members.items():
            coming = (one(member, history) for history in prompts for _ in range(samples))
            texts = await asyncio.gather(*coming)
            replies[name] = [texts[n : n + samples] for n in range(0, len(texts), samples)]
    return replies


def _losses(path: Path, members: Sequence[str]) -> dict[str, list[float]]:
    """Columns of losses, one row a sample, by member; in nats, or whatever they were written in."""
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import read_table

    try:
        table = read_table(path)
    except ArrowInvalid as error:
        raise CommandError(f"{path}: no Parquet table: {error}") from None
    columns = {name: table[name].to_pylist() for name in members if name in table.column_names}
    if len(columns) < 2:
        known = ", ".join(table.column_names)
        raise CommandError(f"{path} has no columns of two members of the roster: it has {known}")
    return columns


def _text(
    measured: Mapping[str, Sequence[MemberDistance]],
    losses: Mapping[tuple[str, str], Estimate],
    histories: int,
    samples: int,
) -> str:
    wide = max(len(f"{pair.a} and {pair.b}") for pairs in measured.values() for pair in pairs)
    lines = [f"{histories} histories, {samples} replies of each member to each"]
    for measure, pairs in measured.items():
        lines += ["", f"{measure:{wide}}{'of the pair':>28}{'beyond one member':>28}"]
        for pair in pairs:
            between, beyond = f"{pair.between:.3f}", f"{pair.beyond:+.3f}"
            lines.append(f"{f'{pair.a} and {pair.b}':{wide}}{between:>28}{beyond:>28}")
    if losses:
        lines += ["", f"{'correlation of losses':{wide}}"]
    for (a, b), correlated in losses.items():
        lines.append(f"{f'{a} and {b}':{wide}}" + f"{correlated:+.3f}".rjust(28))
    return "\n".join(lines)
