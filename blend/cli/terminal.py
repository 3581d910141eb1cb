"""A terminal, or a pipe in its place: lines in, replies out as they grow."""

import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from blend.conversation import Draw
from blend.roster import PALETTE, Roster


class Terminal:
    """Where a conversation is typed and shown: colours on a terminal, plain lines in a pipe."""

    def __init__(self, roster: Roster):
        self.lively = sys.stdin.isatty() and sys.stdout.isatty()
        self._colourful = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        colours = dict(zip(roster.singles, PALETTE[1:] * len(roster.members), strict=False))
        self._colours = {name: _ansi(colour) for name, colour in colours.items()}
        sys.stdin.reconfigure(errors="replace")
        if self.lively:
            with suppress(ImportError):
                import readline  # noqa: F401  (from then on input() has a history and cursor keys)

    def lines(self) -> Iterator[str]:
        """What is typed, line by line, until Ctrl-D; Ctrl-C drops the line that is being typed."""
        while True:
            try:
                yield input("> " if self.lively else "")
            except EOFError:
                if self.lively:
                    print()
                return
            except KeyboardInterrupt:
                if not self.lively:
                    raise
                print("\n(Ctrl-D or /quit ends)")

    def head(self, draw: Draw) -> None:
        """Who answers, and how likely that was where it was drawn, before the reply."""
        name = draw.member if draw.chance is None else f"{draw.member} ({draw.chance:.0%})"
        if self._colourful:
            name = f"\033[{self._colours.get(draw.member, '')}m{name}\033[0m"
        print(name, end=": ", flush=True)

    def say(self, text: str) -> None:
        """A piece of a reply; what would steer the terminal is left out."""
        print("".join(c for c in text if c in "\n\t" or _harmless(c)), end="", flush=True)

    def aside(self, text: str) -> None:
        """What goes on while nothing is said; a pipe is for replies alone."""
        if self.lively:
            self.say(text)

    def tell(self, text: str) -> None:
        """A line about the conversation, apart from it."""
        print(text, file=sys.stdout if self.lively else sys.stderr, flush=True)


def _harmless(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cs")


def _ansi(colour: str) -> str:
    """Bold, in a colour given as #rrggbb."""
    return "1;38;2;" + ";".join(str(int(colour[n : n + 2], 16)) for n in (1, 3, 5))
