"""A server's reply, held back until it is known whether it begins with thoughts.

A chat template may open the block of thoughts itself. A server that has no reasoning parser for the
model then sends what closes the block, and nothing that opens it.
"""

from blend.prompt.reasoning import BLOCKS, UNSURE

CLOSINGS = {closing: opening for opening, closings in BLOCKS.items() for closing in closings}


class Unopened:
    """The text of one reply, held back until it opens a block, or closes one that it did not open.

    holds: whether it still does.
    """

    def __init__(self, holds: bool):
        self.holds = holds
        self._held = ""

    def add(self, text: str, thought: str = "") -> str:
        """The text that may go on, with an opening marker where it lacks one.

        thought: what the server told apart; then the text is the reply.
        """
        if not self.holds:
            return text
        self._held += text
        opening = next((o for c, o in CLOSINGS.items() if c in self._held), "")
        if thought or self._held.lstrip().startswith(tuple(BLOCKS)):
            return self._released("")
        if opening or len(self._held) > UNSURE:
            return self._released(opening or "<think>")
        return ""

    def end(self, cut: bool) -> str:
        """What was held back. cut: whether a limit ended the text, most likely within a thought."""
        return self._released("<think>" if cut and self._held else "")

    def _released(self, opening: str) -> str:
        text, self._held, self.holds = opening + self._held, "", False
        return text
