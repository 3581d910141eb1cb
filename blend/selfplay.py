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
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

from blend.card import openers
from blend.command_line import finish
from blend.contender import assemble, load
from blend.conversation import Conversation, Message
from blend.engine import Blend
from blend.members import Member, MemberError
from blend.members.best_of import BestOf
from blend.members.checkpoint import Checkpoint
from blend.members.judge import Judge, Reward
from blend.roster import Roster, RosterError, read
from blend.speech import Played, measure, table, verdict
from blend.train import END, PAD, ROOT, USER, render

GRID = tuple(product((0.3, 0.5, 0.7, 0.9), (0.75, 0.95)))
"""Temperatures and top_p that --grid tries for every member alone."""


class Visitor:
    """A model that writes the visitor's next line, for many conversations at once."""

    def __init__(self, folder: Path, seed: int = 0):
        checkpoint = Checkpoint.found(str(folder))
        self._tokenizer = checkpoint.tokenizer()
        self._model = checkpoint.model(dtype="float32").eval()
        self._seed = seed

    def lines(self, conversations: Sequence[Conversation]) -> list[str]:
        """One line for each conversation; sampled at 0.7, repeatable."""
        import torch

        prompts = [self._prompt(conversation) for conversation in conversations]
        longest = max(map(len, prompts))
        ids = torch.tensor([[PAD] * (longest - len(p)) + p for p in prompts])
        torch.manual_seed(self._seed + longest)
        out = self._model.generate(
            input_ids=ids,
            attention_mask=(ids != PAD).long(),
            do_sample=True,
            temperature=0.7,
            top_p=0.9,
            top_k=0,
            max_new_tokens=50,
            eos_token_id=END,
            pad_token_id=PAD,
        )
        said = self._tokenizer.batch_decode(out[:, longest:], skip_special_tokens=True)
        return [" ".join(line.split()) or "I see." for line in said]

    def _prompt(self, conversation: Conversation) -> list[int]:
        texts = [message.text or " " for message in conversation.messages()]
        coded = self._tokenizer.backend_tokenizer.encode_batch(texts, add_special_tokens=False)
        return [*render([one.ids for one in coded])[0], USER]


async def play(
    blend: Blend, visitor: Visitor, firsts: Sequence[str], turns: int, bar: Any, **sampling: object
) -> list[Conversation]:
    """A conversation from every first line, all at once, each of that many turns."""
    talks = [Conversation().ask(line) for line in firsts]
    for turn in range(turns):
        talks = list(await asyncio.gather(*(_reply(blend, talk, sampling) for talk in talks)))
        bar.update(len(talks))
        if turn + 1 < turns:
            lines = await asyncio.to_thread(visitor.lines, talks)
            asked = zip(talks, lines, strict=True)
            talks = [talk.ask(line) for talk, line in asked]
    return talks


async def _reply(blend: Blend, talk: Conversation, sampling: dict[str, object]) -> Conversation:
    async with aclosing(blend.reply(talk, **sampling)) as growing:
        async for turn in growing:
            talk = talk.answered(turn)
    return talk


def mean_reward(judge: Judge, talk: Conversation) -> float:
    """The mean of the judge's numbers for the conversation's replies."""
    said = [
        message
        for turn in talk.turns
        for message in (Message("user", turn.prompt), Message("assistant", turn.reply or " "))
    ]
    return mean(judge.scores(said[:n], [said[n].text])[0] for n in range(1, len(said), 2))


def contenders(roster: Roster, members: Mapping[str, Member]) -> dict[str, Blend]:
    """The roster's blends and each of its members alone."""
    return {spec.name: assemble(spec, members) for spec in roster.contenders}


async def study(
    roster: Roster, args: argparse.Namespace, firsts: Sequence[tuple[str, str]]
) -> dict[str, list[Played]]:
    """Every contender's conversations, measured. firsts: (corpus, opening line) pairs."""
    from tqdm import tqdm

    judge = Judge.load("selfplay", Reward(str(args.reward))) if args.reward else None
    visitor = Visitor(args.visitor)
    members = {spec.name: load(spec, threads=1) for spec in roster.members}
    fights = contenders(roster, members)
    if args.best_of > 1:
        best = {name: BestOf(member, judge, args.best_of, "") for name, member in members.items()}
        picky = contenders(roster, best).items()
        fights |= {f"{name} (best of {args.best_of})": blend for name, blend in picky}
    runs: list[tuple[str, Blend, dict[str, object]]] = [(n, b, {}) for n, b in fights.items()]
    if args.grid:
        runs = [
            (f"{name} {t:g} {p:g}", fights[name], {"temperature": t, "top_p": p})
            for name in members
            for t, p in GRID
        ]
    if args.only:
        runs = [run for run in runs if run[0].split()[0] in args.only]
    found: dict[str, list[Played]] = {}
    try:
        with tqdm(total=len(runs) * len(firsts) * args.turns, unit="reply") as bar:
            for name, blend, sampling in runs:
                bar.set_description(name)
                lines = [line for _, line in firsts]
                talks = await play(blend, visitor, lines, args.turns, bar, **sampling)
                found[name] = [
                    measure(talk, corpus, mean_reward(judge, talk) if judge else 0.0)
                    for talk, (corpus, _) in zip(talks, firsts, strict=True)
                ]
                for talk in talks[: args.show]:
                    print(script(name, talk))
    except asyncio.CancelledError:
        print("stopped: what was played to the end follows", file=sys.stderr)
    finally:
        for member in members.values():
            await member.aclose()
    return found


def script(name: str, talk: Conversation) -> str:
    """A conversation to be read, with the member that wrote each reply."""
    lines = [f"## {name}"]
    for turn in talk.turns:
        wrote = turn.draw.member if turn.draw else "nobody"
        lines += [f"- visitor: {turn.prompt}", f"  {wrote}: {turn.reply or turn.error}"]
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    """Play and print; 2 when something is missing, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend selfplay", description=__doc__)
    models = ROOT / "assets" / "models"
    parser.add_argument("--roster", default="embedded")
    parser.add_argument("--visitor", type=Path, default=models / "mixed", help="plays the visitor")
    parser.add_argument("--reward", type=Path, help="a reward model, to judge every reply")
    parser.add_argument(
        "--best-of", type=int, default=1, help="also each contender's best of so many"
    )
    parser.add_argument("--each", type=int, default=30, help="conversations a corpus")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--only", nargs="*", help="these contenders alone")
    parser.add_argument("--grid", action="store_true", help="try temperatures and top_p")
    parser.add_argument("--show", type=int, default=0, help="print so many conversations of each")
    parser.add_argument("--json", type=Path, help="where every conversation's measures go")
    args = parser.parse_args(argv)
    stopped = "nothing was played to the end"
    return finish("blend selfplay", lambda: selfplay(args), (RosterError, MemberError), stopped)


def selfplay(args: argparse.Namespace) -> None:
    """Play, print the table and the verdict, write the measures. Raises RosterError, MemberError
    and OSError."""
    firsts = [(c, line) for c in ("persona", "topical", "services") for line in openers(c)]
    firsts = [pair for n, pair in enumerate(firsts) if n % 30 < args.each]
    roster = read(args.roster)
    if args.best_of > 1 and not args.reward:
        raise OSError("--best-of needs a reward model: name its folder with --reward")
    for folder in filter(None, (args.visitor, args.reward)):
        if not (folder / "config.json").is_file():
            raise OSError(f"no model in the folder {folder}: correct the option that names it")
    found = asyncio.run(study(roster, args, firsts))
    print(table(found))
    rivals = [name for name in found if name != roster.focus]
    if roster.focus in found and not args.grid:
        print("\n" + verdict(found, roster.focus, rivals))
    if args.json:
        text = json.dumps({name: [asdict(game) for game in games] for name, games in found.items()})
        args.json.write_text(text, encoding="utf-8")
