"""The messages of a benchmark: random words, so that no cache has seen them."""

import random
from collections.abc import Iterable

from blend.conversation import Conversation, Turn
from blend.members import Member

WORDS = (
    "the a my your we they I you some every old new good small green cold early house river "
    "music game film book friend city winter train morning story question team garden dinner "
    "ticket walk likes sees takes plays finds asks gives wants on in with for from after about"
)
QUESTION = 12
ANSWER = 40
"""Words of an answer in a history: turn 10 then has about 600 tokens before it."""


class Workload:
    """Questions, and histories of turns that fill half of the smallest window at most."""

    def __init__(self, rng: random.Random, members: Iterable[Member]):
        windows = [m.template.window for m in members if hasattr(m, "template")]
        # Nine turns, two tokens a word at most with what a template writes around them.
        self._answer = max(2, min([ANSWER, *(window // 36 - QUESTION for window in windows)]))
        self._rng = rng

    def question(self) -> str:
        """A message of a dozen words."""
        return self._words(QUESTION) + "?"

    def history(self, turns: int) -> Conversation:
        """A conversation of so many turns."""
        answer = self._answer
        made = (Turn(self.question(), f"{self._words(answer)}.") for _ in range(turns))
        return Conversation(turns=tuple(made))

    def _words(self, count: int) -> str:
        return " ".join(self._rng.choices(WORDS.split(), k=count))
