"""The replies that are scored: dialogues from JSON Lines, of which every second voice is judged."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from blend.conversation import Message

ROLES = ("system", "user", "assistant")


class LawError(ValueError):
    """What cannot be measured as it was asked; one line with the mend."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation, from the file `source`."""

    source: str
    id: str
    messages: tuple[Message, ...]

    @property
    def replies(self) -> tuple[int, ...]:
        """Where in the messages the replies are that a user's message precedes."""
        return tuple(
            place
            for place, (before, reply) in enumerate(
                zip(self.messages, self.messages[1:], strict=False), start=1
            )
            if before.role == "user" and reply.role == "assistant" and reply.text.strip()
        )


def read(paths: Sequence[Path], split: str | None = None, most: int | None = None) -> list[Talk]:
    """The conversations of .jsonl and .jsonl.gz files, the first `most` of each, with a reply.

    A line has `messages` (each a `role` and a `content`) or `turns` (each a `text`; the user opens
    and the two take turns), and may have an `id` and a `split`. Raises LawError and OSError.
    """
    found, names = [], set()
    for path in paths:
        name = path.name.removesuffix(".gz").removesuffix(".jsonl")
        if name in names:
            raise LawError(f"two files are called {name}: rename one, samples are told by it")
        names.add(name)
        talks = [t for t in _talks(path, name, split) if t.replies]
        if not talks:
            wanted = f" of split {split!r}" if split else ""
            raise LawError(f"{path} has no reply{wanted}: it needs a user's message and an answer")
        found += talks[:most]
    return found


def _talks(path: Path, name: str, split: str | None) -> Iterator[Talk]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    row = json.loads(line)
                    if split is None or row.get("split") == split:
                        yield Talk(name, str(row.get("id", number)), _messages(row))
    except (EOFError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        where = f"{path}: line {number}" if "number" in locals() else str(path)
        reason = "is no dialogue: it needs turns with a text, or messages with role and content"
        raise LawError(f"{where} {reason} ({error!r})") from None


def _messages(row: dict) -> tuple[Message, ...]:
    if "messages" not in row:
        return tuple(
            Message("assistant" if n % 2 else "user", str(turn["text"]))
            for n, turn in enumerate(row["turns"])
        )
    for message in row["messages"]:
        if message["role"] not in ROLES:
            raise ValueError(f"a role {message['role']!r}")
    return tuple(Message(m["role"], str(m["content"])) for m in row["messages"])
