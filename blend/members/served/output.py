"""The last lines that a server prints, for the error where it fails."""

import re
import threading
from collections import deque
from typing import BinaryIO

LINES, LONGEST_LINE = 6, 300
"""How many lines are kept, and of how many characters."""


class LastLines:
    """Reads a pipe in a thread for as long as it is open, or its writer would stand still.

    hidden: a text that is left out; some servers print their command with the key.
    """

    def __init__(self, name: str, pipe: BinaryIO, hidden: str):
        self._pipe, self._hidden = pipe, hidden
        self._lines: deque[str] = deque(maxlen=LINES)
        self._thread = threading.Thread(target=self._read, name=f"{name}-output", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait at most so long for what is on its way of a server that has ended."""
        self._thread.join(seconds)

    def after(self, reason: str) -> str:
        """The reason, and what was printed."""
        printed = " / ".join([*self._lines])
        return f"{reason}; it printed: {printed}" if printed else f"{reason}; it printed nothing"

    def _read(self) -> None:
        with self._pipe:
            while line := self._pipe.readline(2**20):
                if text := _plain(line).replace(self._hidden, "…"):
                    self._lines.append(text[:LONGEST_LINE])


def _plain(line: bytes) -> str:
    """One line without colours, and of a progress bar its last state."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line.decode(errors="replace")).strip()
    return "".join(c for c in text.rpartition("\r")[2] if c.isprintable()).strip()
