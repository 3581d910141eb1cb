"""What was done so far, a line of JSON each in a file, so that a run that was stopped goes on."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from blend.command_line import CommandError

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class KeptLines(Generic[Kept]):
    """A file of values by key, which is a hash of all that a value came from.

    what: a line holds, for errors. parse: the value of a line's table.
    """

    path: Path
    what: str
    parse: Callable[[dict], Kept]

    def read(self) -> dict[str, Kept]:
        """The values by key; a last line that was not written to its end is left out.

        Raises CommandError for a file of another kind.
        """
        lines = self.path.read_bytes().split(b"\n") if self.path.is_file() else [b""]
        found: dict[str, Kept] = {}
        for number, line in enumerate(lines[:-1], start=1):
            try:
                row = json.loads(line)
                found[row["key"]] = self.parse(row)
            except (ValueError, LookupError, TypeError):
                reason = f"is no {self.what}: give another --out, or remove the file"
                raise CommandError(f"{self.path}: line {number} {reason}") from None
        if lines[-1]:
            self.path.write_bytes(b"".join(line + b"\n" for line in lines[:-1]))
        return found

    def add(self, key: str, **row: object) -> None:
        """Append a line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **row}) + "\n")
