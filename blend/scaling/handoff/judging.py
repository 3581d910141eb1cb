"""What a judge prefers: a member's next reply after its own earlier replies, or after another's.

The judge is shown the conversation as people had it, whichever replies the member had read: so it
sees the same before both, and neither reply was written for just these words.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from blend.judging import Judge, Verdicts
from blend.judging.verdicts import VERDICTS_ROW
from blend.message import Message
from blend.roster import MemberSpec
from blend.scaling.dialogues import Dialogue
from blend.scaling.handoff import contexts
from blend.scaling.handoff.contexts import Continuation, Replies
from blend.scaling.handoff.kept_lines import KeptLines

AT_ONCE = 2
"""Pairs of replies that are judged at a time: a judge reads long and writes little, so that more at
once would only wait for one another, on a slow machine until the member gives up."""


@dataclass(frozen=True, slots=True)
class ReplyPair:
    """What `later` says last in a conversation: after its own earlier replies, and after those of
    `earlier`. dialogue: its number."""

    earlier: str
    later: str
    dialogue: int
    own: str
    other: str

    @property
    def alike(self) -> bool:
        """Whether there is nothing to choose."""
        return self.own == self.other


def write_next(
    specs: Sequence[MemberSpec],
    dialogues: Sequence[Dialogue],
    written: Mapping[str, Sequence[Replies]],
    path: Path,
    seed: int,
) -> list[ReplyPair]:
    """Have each member write the last reply of all dialogues after what each has written, and pair
    what each says after its own with what it says after another's. Raises as `contexts.write`.

    Where a conversation is too long for the member it has no pair.
    """
    wanted = [
        Continuation(dialogue, before, 1)
        for every in written.values()
        for dialogue, before in zip(dialogues, every, strict=True)
    ]
    every = contexts.write(specs, wanted, path, seed)
    return [*_pairs([*written], every, len(dialogues))]


def _pairs(
    names: Sequence[str], every: Mapping[str, Sequence[Replies]], count: int
) -> Iterator[ReplyPair]:
    """every: what each says in `count` dialogues after the first name, then after the second …"""
    for later, replies in every.items():
        after = {name: replies[n * count : (n + 1) * count] for n, name in enumerate(names)}
        for earlier in names:
            if earlier == later:
                continue
            both = zip(after[later], after[earlier], strict=True)
            for number, (own, other) in enumerate(both):
                if own is not None and other is not None:
                    yield ReplyPair(earlier, later, number, own[0], other[0])


def ask(
    judge: Judge, pairs: Sequence[ReplyPair], dialogues: Sequence[Dialogue], path: Path
) -> list[Verdicts | None]:
    """What the judge says of each pair, its own reply on the left; None where both are alike. What
    the file has is not asked again. Raises CommandError and MemberError."""
    file = KeptLines(path, "verdict", VERDICTS_ROW.validate_python)
    kept = file.read()
    keys = [_key(judge, pair, dialogues[pair.dialogue]) for pair in pairs]
    every = dict(zip(keys, pairs, strict=True))
    missing = {k: p for k, p in every.items() if k not in kept and not p.alike}
    asyncio.run(_ask_missing(judge, missing, dialogues, file, kept))
    return [None if p.alike else kept[k] for k, p in zip(keys, pairs, strict=True)]


async def _ask_missing(
    judge: Judge,
    pairs: Mapping[str, ReplyPair],
    dialogues: Sequence[Dialogue],
    file: KeptLines[Verdicts],
    kept: dict[str, Verdicts],
) -> None:
    """Ask what `kept` lacks, into it and the file."""
    from tqdm import tqdm

    gate = asyncio.Semaphore(AT_ONCE)
    with tqdm(total=len(pairs), desc="judging", unit=" pairs", disable=None) as bar:

        async def one(key: str, pair: ReplyPair) -> None:
            shown = _shown(dialogues[pair.dialogue])
            sides = ([Message("assistant", text)] for text in (pair.own, pair.other))
            async with gate:
                kept[key] = await judge.verdicts(shown, *sides)
            of = {"judge": judge.name, "earlier": pair.earlier, "later": pair.later}
            file.add(key, **of, **asdict(kept[key]))
            bar.update()

        await asyncio.gather(*(one(key, pair) for key, pair in pairs.items()))


def _shown(dialogue: Dialogue) -> tuple[Message, ...]:
    """The conversation before its last reply, as people had it."""
    return dialogue.messages[: dialogue.replies[-1]]


def _key(judge: Judge, pair: ReplyPair, dialogue: Dialogue) -> str:
    """The same for the same judge, conversation and words."""
    shown = [asdict(message) for message in _shown(dialogue)]
    described = [judge.name, judge.digest, shown, pair.own, pair.other]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:32]
