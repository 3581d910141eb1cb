"""Conversations whose earlier replies a member wrote in place of the people who gave them.

The visitor's messages stay as they are. A member answers them one after another, and each time
reads its own earlier replies. What was written is kept in a file, so that a run that was stopped
goes on.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from blend.members import Member, TooLong
from blend.members.reply import stream_reply
from blend.message import Message
from blend.roster import MemberSpec, loading
from blend.roster.contender import IDENTITY_OPTIONS, digest
from blend.scaling.dialogues import Dialogue
from blend.scaling.handoff.kept_lines import KeptLines

AT_ONCE = 8
"""Conversations that one member writes at a time."""

Replies = tuple[str, ...] | None
"""What a member wrote in one conversation; None where it is too long for the member."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """A dialogue of which a member is to write `count` replies in place of people's: those after
    the first ones, which stand in `before`."""

    dialogue: Dialogue
    before: tuple[str, ...]
    count: int


def context_file(path: Path) -> KeptLines[Replies]:
    """What members wrote, a line a conversation."""

    def parse(row: dict) -> Replies:
        return None if row["replies"] is None else tuple(row["replies"])

    return KeptLines(path, "written context", parse)


def history(dialogue: Dialogue, replies: Sequence[str], turn: int) -> tuple[Message, ...]:
    """All before the dialogue's reply number `turn`, with earlier replies replaced by `replies`.

    A message that got a blank one is left out with it, as on the site.
    """
    own = dict(zip(dialogue.replies, replies, strict=False))
    messages: list[Message] = []
    for place, message in enumerate(dialogue.messages[: dialogue.replies[turn]]):
        if place not in own:
            messages.append(message)
        elif own[place]:
            messages.append(Message("assistant", own[place]))
        else:
            messages.pop()
    return tuple(messages)


def write(
    specs: Sequence[MemberSpec], wanted: Sequence[Continuation], path: Path, seed: int
) -> dict[str, list[Replies]]:
    """What each member writes, by its name; what the file has is not written anew. Members are
    loaded one after another. Raises CommandError and MemberError."""
    from tqdm import tqdm

    file = context_file(path)
    kept = file.read()
    total = len(specs) * sum(each.count for each in wanted)
    written = {}
    with tqdm(total=total, desc="writing", unit=" replies", disable=None) as bar:
        for spec in specs:
            bar.set_postfix_str(spec.name, refresh=False)
            members = loading.load_members([spec])
            try:
                member = members[spec.name]
                keys = [_key(spec, member, each, seed) for each in wanted]
                by_key = dict(zip(keys, wanted, strict=True))
                asyncio.run(_write_missing(member, by_key, file, kept, seed, bar))
            finally:
                loading.close_members(members)
            written[spec.name] = [kept[key] for key in keys]
    return written


def _key(spec: MemberSpec, member: Member, wanted: Continuation, seed: int) -> str:
    """The same for the same member, settings, seed, conversation and replies before."""
    described = {
        "writer": spec.name,
        "weights": digest(spec, member),
        "sampling": asdict(spec.sampling),
        "options": {k: spec.options[k] for k in IDENTITY_OPTIONS if k in spec.options},
        "window": spec.options.get("window"),
        "seed": seed,
        "dialogue": asdict(wanted.dialogue),
    }
    if wanted.before:
        described["before"] = wanted.before
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:32]


async def _write_missing(
    member: Member,
    wanted: Mapping[str, Continuation],
    file: KeptLines[Replies],
    kept: dict[str, Replies],
    seed: int,
    bar: Any,
) -> None:
    """Write what `kept` lacks, into it and the file."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: str, each: Continuation) -> None:
        if key not in kept:
            async with gate:
                kept[key] = await _replies(member, each, seed)
            of = {"source": each.dialogue.source, "id": each.dialogue.id}
            file.add(key, writer=member.name, **of, replies=kept[key])
        bar.update(each.count)

    await asyncio.gather(*(one(key, each) for key, each in wanted.items()))


async def _replies(member: Member, wanted: Continuation, seed: int) -> Replies:
    """What the member answers, each reply after all before it."""
    dialogue, replies = wanted.dialogue, [*wanted.before]
    for turn in range(len(replies), len(replies) + wanted.count):
        place = dialogue.replies[turn]
        sampling = member.sampling
        if "seed" in member.honours:  # another one for each member, also for two of one model
            mix = f"{seed} {member.name} {dialogue.source} {dialogue.id} {place}".encode()
            number = int.from_bytes(hashlib.sha256(mix).digest()[:4]) >> 1
            sampling = replace(sampling, seed=number)
        try:
            pieces = stream_reply(member, history(dialogue, replies, turn), sampling)
            async with aclosing(pieces):
                replies.append("".join([piece async for piece in pieces]).strip())
        except TooLong:
            return None
    return tuple(replies[len(wanted.before) :])
