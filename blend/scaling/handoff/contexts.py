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

from blend.conversation import Message
from blend.members import Member, TooLong
from blend.members.reply import stream_reply
from blend.roster import MemberSpec, loading
from blend.roster.contender import IDENTITY_OPTIONS, digest
from blend.scaling.dialogues import Dialogue, LawError

AT_ONCE = 8
"""Conversations that one member writes at a time."""

Replies = tuple[str, ...] | None
"""The replies of one conversation but its last; None where it is too long for the member."""


@dataclass(frozen=True, slots=True)
class ContextFile:
    """What members wrote, a line a conversation; its key is a hash of all that it came from."""

    path: Path

    def read(self) -> dict[str, Replies]:
        """The replies by key; a last line that was not written to its end is left out.

        Raises LawError for a file of another kind.
        """
        lines = self.path.read_bytes().split(b"\n") if self.path.is_file() else [b""]
        found: dict[str, Replies] = {}
        for number, line in enumerate(lines[:-1], start=1):
            try:
                row = json.loads(line)
                found[row["key"]] = None if row["replies"] is None else tuple(row["replies"])
            except (ValueError, LookupError, TypeError):
                reason = "is no written context: give another --out, or remove the file"
                raise LawError(f"{self.path}: line {number} {reason}") from None
        if lines[-1]:
            self.path.write_bytes(b"".join(line + b"\n" for line in lines[:-1]))
        return found

    def add(self, key: str, writer: str, dialogue: Dialogue, replies: Replies) -> None:
        """Append a conversation."""
        row = {"key": key, "writer": writer, "source": dialogue.source, "id": dialogue.id}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row | {"replies": replies}) + "\n")


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
    specs: Sequence[MemberSpec], dialogues: Sequence[Dialogue], path: Path, seed: int
) -> dict[str, list[Replies]]:
    """Each member's own replies to all dialogues, by its name; what the file has is not written
    anew. Members are loaded one after another. Raises LawError and MemberError."""
    from tqdm import tqdm

    path.parent.mkdir(parents=True, exist_ok=True)
    file = ContextFile(path)
    kept = file.read()
    total = len(specs) * sum(len(dialogue.replies) - 1 for dialogue in dialogues)
    written = {}
    with tqdm(total=total, desc="writing", unit=" replies", disable=None) as bar:
        for spec in specs:
            bar.set_postfix_str(spec.name, refresh=False)
            members = loading.load_members([spec])
            try:
                member = members[spec.name]
                keys = [_key(spec, member, dialogue, seed) for dialogue in dialogues]
                wanted = dict(zip(keys, dialogues, strict=True))
                asyncio.run(_write_missing(member, wanted, file, kept, seed, bar))
            finally:
                loading.close_members(members)
            written[spec.name] = [kept[key] for key in keys]
    return written


def _key(spec: MemberSpec, member: Member, dialogue: Dialogue, seed: int) -> str:
    """The same for the same member, settings, seed and conversation."""
    described = {
        "writer": spec.name,
        "weights": digest(spec, member),
        "sampling": asdict(spec.sampling),
        "options": {k: spec.options[k] for k in IDENTITY_OPTIONS if k in spec.options},
        "window": spec.options.get("window"),
        "seed": seed,
        "dialogue": asdict(dialogue),
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:32]


async def _write_missing(
    member: Member,
    dialogues: Mapping[str, Dialogue],
    file: ContextFile,
    kept: dict[str, Replies],
    seed: int,
    bar: Any,
) -> None:
    """Write what `kept` lacks, into it and the file."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: str, dialogue: Dialogue) -> None:
        if key not in kept:
            async with gate:
                kept[key] = await _replies(member, dialogue, seed)
            file.add(key, member.name, dialogue, kept[key])
        bar.update(len(dialogue.replies) - 1)

    await asyncio.gather(*(one(key, dialogue) for key, dialogue in dialogues.items()))


async def _replies(member: Member, dialogue: Dialogue, seed: int) -> Replies:
    """What the member answers in place of the dialogue's replies but the last."""
    replies: list[str] = []
    for turn, place in enumerate(dialogue.replies[:-1]):
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
    return tuple(replies)
