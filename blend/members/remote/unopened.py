"""Thoughts that a server sends without the marker that opens them.

A chat template may open the block of thoughts itself. A server that has no reasoning parser for the
model then sends the marker that closes the block, and none that opens it.
"""

from blend.prompt.reasoning import BLOCKS, UNSURE

CLOSINGS = {closing: opening for opening, closings in BLOCKS.items() for closing in closings}


class UnopenedThoughts:
    """Holds a reply's text back until it opens a block, or closes one that it did not open.

    waiting: whether it still does.
    """

    def __init__(self, waiting: bool):
        self.waiting = waiting
        self._held = ""

    def add(self, text: str, thought: str = "") -> str:
        """The text that may go on, with an opening marker where it lacks one.

        thought: what the server itself separated; then the text is the reply.
        """
        if not self.waiting:
            return text
        self._held += text
        opening = next((o for c, o in CLOSINGS.items() if c in self._held), "")
        if thought or self._held.lstrip().startswith(tuple(BLOCKS)):
            return self._release("")
        if opening or len(self._held) > UNSURE:
            return self._release(opening or "<think>")
        return ""

    def end(self, cut: bool) -> str:
        """What was held back. cut: whether a limit ended the text, most likely within a thought."""
        return self._release("<think>" if cut and self._held else "")

    def _release(self, opening: str) -> str:
        text, self._held, self.waiting = opening + self._held, "", False
        return text
