"""What was done so far, a line of JSON each in a file, so that a run that was stopped goes on."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from blend.command_line import CommandError

Kept = TypeVar("Kept")


def read_lines(path: Path, what: str, parse: Callable[[dict], Kept]) -> list[Kept]:
    """The value of each line's table; a last line that was not written to its end is cut off.

    what: a line holds, for the error. Raises CommandError for a file of another kind.
    """
    lines = path.read_bytes().split(b"\n") if path.is_file() else [b""]
    values = []
    for number, line in enumerate(lines[:-1], start=1):
        try:
            values.append(parse(json.loads(line)))
        except (ValueError, LookupError, TypeError, AttributeError):
            reason = f"is no {what}: give another --out, or remove the file"
            raise CommandError(f"{path}: line {number} {reason}") from None
    if lines[-1]:
        path.write_bytes(b"".join(line + b"\n" for line in lines[:-1]))
    return values


@dataclass(frozen=True, slots=True)
class KeptLines(Generic[Kept]):
    """A file of values by key, which is a hash of all that a value came from.

    what: a line holds, for errors. parse: the value of a line's table.
    """

    path: Path
    what: str
    parse: Callable[[dict], Kept]

    def read(self) -> dict[str, Kept]:
        """The values by key; see `read_lines`."""
        return dict(
            read_lines(self.path, self.what, lambda row: (str(row["key"]), self.parse(row)))
        )

    def add(self, key: str, **row: object) -> None:
        """Append a line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **row}) + "\n")
