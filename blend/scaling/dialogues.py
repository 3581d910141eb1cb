"""Dialogues from JSON Lines: the assistant's replies in them are what is scored."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from blend.command_line import CommandError
from blend.message import Message

ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation, from the file `source`.

    scored: indices of the replies to look at, where it is not all that follow a user's message.
    """

    source: str
    id: str
    messages: tuple[Message, ...]
    scored: tuple[int, ...] = ()

    @property
    def replies(self) -> tuple[int, ...]:
        """Indices of the replies that follow a user's message."""
        return self.scored or tuple(
            place
            for place, (before, reply) in enumerate(pairwise(self.messages), start=1)
            if before.role == "user" and reply.role == "assistant" and reply.text.strip()
        )


def read(
    paths: Sequence[Path], split: str | None = None, most: int | None = None, replies: int = 1
) -> list[Dialogue]:
    """The conversations of .jsonl and .jsonl.gz files, the first `most` of each.

    replies: how many a conversation must have at least, or it is left out.

    A line has `messages` (each a `role` and a `content`) or `turns` (each a `text`; the user opens
    and the two take turns), and may have an `id` and a `split`. Raises CommandError and OSError.
    """
    dialogues, names = [], set()
    for path in paths:
        name = path.name.removesuffix(".gz").removesuffix(".jsonl")
        if name in names:
            raise CommandError(f"two files are called {name}: rename one, samples are told by it")
        names.add(name)
        usable = [d for d in _dialogues(path, name, split) if len(d.replies) >= replies]
        if not usable:
            wanted = f" of split {split!r}" if split else ""
            lacks, needs = "no reply", "a user's message and an answer"
            if replies > 1:
                lacks, needs = "no conversation with enough replies", f"{replies} in one"
            raise CommandError(f"{path} has {lacks}{wanted}: it needs {needs}")
        dialogues += usable[:most]
    return dialogues


def _dialogues(path: Path, name: str, split: str | None) -> Iterator[Dialogue]:
    opener, number = gzip.open if path.suffix == ".gz" else open, 0
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    row = json.loads(line)
                    if split is None or row.get("split") == split:
                        yield Dialogue(name, str(row.get("id", number)), _messages(row))
    except (EOFError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        where = f"{path}: line {number}" if number else str(path)
        reason = "is no dialogue: it needs turns with a text, or messages with role and content"
        raise CommandError(f"{where} {reason} ({error!r})") from None


def _messages(row: dict) -> tuple[Message, ...]:
    if "messages" not in row:
        roles = ("user", "assistant")
        return tuple(Message(roles[n % 2], str(t["text"])) for n, t in enumerate(row["turns"]))
    for message in row["messages"]:
        if message["role"] not in ROLES:
            raise ValueError(f"a role {message['role']!r}")
    return tuple(Message(m["role"], str(m["content"])) for m in row["messages"])
