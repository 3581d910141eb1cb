"""Self-play: what long conversations of each contender look like when a model plays the visitor.

`python -m blend selfplay` opens conversations with lines written for this project, lets one model
write the visitor's further lines, the same one for all contenders, and measures the replies:
empty ones, repeated runs, distinct-n, whether they end by themselves, and what the reward model
says. Blended is compared with each member on the same opening lines. Every number is about models
talking with a model; none is about people.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

from blend.command_line import CommandError, at_least, finish
from blend.conversation import Conversation
from blend.engine import Blend
from blend.evaluation.reply_statistics import (
    PlayedConversation,
    comparison,
    measure,
    statistics_table,
)
from blend.members import Member, MemberError
from blend.members.best_of import BestOf
from blend.members.reward_model import RewardModel, RewardModelSpec, mean_score
from blend.message import Message
from blend.roster import Roster, RosterError, read
from blend.roster.contender import assemble
from blend.roster.loading import load_member
from blend.training.bits_per_byte import CORPORA
from blend.training.model_card import openers
from blend.training.recipes import MODELS
from blend.training.simulated_visitor import SimulatedVisitor

GRID = tuple(product((0.3, 0.5, 0.7, 0.9), (0.75, 0.95)))
"""Temperatures and top_p that --grid tries for every member alone."""

Run = tuple[str, Blend, dict[str, object]]
"""A name in the table, a contender, and what replaces settings of its sampling."""


async def play(
    blend: Blend,
    visitor: SimulatedVisitor,
    firsts: Iterable[str],
    turns: int,
    bar: Any,
    **sampling: object,
) -> list[Conversation]:
    """A conversation from every first line, all at once, each of that many turns."""

    async def reply(conversation: Conversation) -> Conversation:
        async with aclosing(blend.reply(conversation, **sampling)) as growing:
            async for turn in growing:
                conversation = conversation.answered(turn)
        bar.update()
        return conversation

    lines, played = [*firsts], []
    for turn in range(turns):
        if turn:
            lines = await asyncio.to_thread(visitor.lines, played)
        played = played or [Conversation()] * len(lines)
        asked = [one.ask(line) for one, line in zip(played, lines, strict=True)]
        played = list(await asyncio.gather(*map(reply, asked)))
    return played


def mean_reward(judge: RewardModel, conversation: Conversation) -> float:
    """The mean of the judge's numbers for the conversation's replies."""
    messages: list[Message] = []
    for turn in conversation.turns:
        messages += [Message("user", turn.prompt), Message("assistant", turn.reply or " ")]
    return mean_score(judge, (), messages)


def runs(
    roster: Roster,
    members: Mapping[str, Member],
    judge: RewardModel | None,
    args: argparse.Namespace,
) -> list[Run]:
    """What is played: every contender, its best of several, or single members over GRID."""
    specs = [spec for spec in roster.contenders if not args.only or spec.name in args.only]
    blends = {spec.name: assemble(spec, members) for spec in specs}
    if args.grid:
        return [
            (f"{name} {t:g} {p:g}", blends[name], {"temperature": t, "top_p": p})
            for name in members
            if name in blends
            for t, p in GRID
        ]
    if args.best_of > 1:
        best = {name: BestOf(member, judge, args.best_of, "") for name, member in members.items()}
        blends |= {f"{s.name} (best of {args.best_of})": assemble(s, best) for s in specs}
    return [(name, blend, {}) for name, blend in blends.items()]


async def study(
    roster: Roster, args: argparse.Namespace, firsts: Sequence[tuple[str, str]]
) -> dict[str, list[PlayedConversation]]:
    """Every contender's conversations, measured. firsts: (corpus, opening line) pairs."""
    from tqdm import tqdm

    judge = RewardModel.load("selfplay", RewardModelSpec(str(args.reward))) if args.reward else None
    visitor = SimulatedVisitor(args.visitor)
    members = {spec.name: load_member(spec, threads=1) for spec in roster.members}
    every = runs(roster, members, judge, args)
    results: dict[str, list[PlayedConversation]] = {}
    try:
        with tqdm(total=len(every) * len(firsts) * args.turns, unit="reply") as bar:
            for name, blend, sampling in every:
                bar.set_description(name)
                lines = (line for _, line in firsts)
                played = await play(blend, visitor, lines, args.turns, bar, **sampling)
                results[name] = [
                    measure(one, corpus, mean_reward(judge, one) if judge else 0.0)
                    for one, (corpus, _) in zip(played, firsts, strict=True)
                ]
                for conversation in played[: args.show]:
                    print(script(name, conversation))
    except asyncio.CancelledError:
        print("stopped: what was played to the end follows", file=sys.stderr)
    finally:
        for member in members.values():
            await member.aclose()
    return results


def script(name: str, conversation: Conversation) -> str:
    """A conversation to be read, with the member that wrote each reply."""
    lines = [f"## {name}"]
    for turn in conversation.turns:
        author = turn.draw.member if turn.draw else "nobody"
        lines += [f"- visitor: {turn.prompt}", f"  {author}: {turn.reply or turn.error}"]
    return "\n".join(lines) + "\n"


def selfplay(args: argparse.Namespace) -> None:
    """Play, print the table and the verdict, write the measures. Raises RosterError, MemberError,
    CommandError and OSError."""
    firsts = [(corpus, line) for corpus in CORPORA for line in openers(corpus)[: args.each]]
    roster = read(args.roster)
    if args.best_of > 1 and not args.reward:
        raise CommandError("--best-of needs a reward model: name its folder with --reward")
    for folder in filter(None, (args.visitor, args.reward)):
        if not (folder / "config.json").is_file():
            raise CommandError(f"no model in the folder {folder}: correct the option that names it")
    results = asyncio.run(study(roster, args, firsts))
    print(statistics_table(results))
    others = [name for name in results if name != roster.focus]
    if roster.focus in results and not args.grid:
        print("\n" + comparison(results, roster.focus, others))
    if args.json:
        measures = {name: [asdict(game) for game in games] for name, games in results.items()}
        args.json.write_text(json.dumps(measures), encoding="utf-8")


def main(argv: list[str]) -> int:
    """Play and print; 2 when something is missing, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend selfplay", description=__doc__)
    add = parser.add_argument
    add("--roster", default="embedded")
    add("--visitor", type=Path, default=MODELS / "mixed", help="plays the visitor")
    add("--reward", type=Path, help="a reward model, to judge every reply")
    add("--best-of", type=at_least(1), default=1, help="also each contender's best of so many")
    add("--each", type=at_least(1), default=30, help="conversations a corpus")
    add("--turns", type=at_least(1), default=10)
    add("--only", nargs="*", help="these contenders alone")
    add("--grid", action="store_true", help="try temperatures and top_p")
    add("--show", type=at_least(0), default=0, help="print so many conversations of each")
    add("--json", type=Path, help="where every conversation's measures go")
    args = parser.parse_args(argv)
    stopped = "nothing was played to the end"
    return finish("blend selfplay", lambda: selfplay(args), (RosterError, MemberError), stopped)
