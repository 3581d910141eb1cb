"""What the visitors of a benchmark say: texts that no cache has seen, and histories of a size."""

import random
from collections.abc import Callable, Mapping, Sequence

from blend.conversation import Conversation, Message, Turn
from blend.members import Member

WORDS = (
    "the a my your we they I you some every old new good small green cold early house river "
    "music game film book friend city winter train morning story question team garden dinner "
    "ticket walk likes sees takes plays finds asks gives wants on in with for from after about"
)
LONGEST = 1_000
"""Tokens of the long history, where 80 % of the smallest window are more."""


class Script:
    """Random words in turns. size: tokens of a history of nine turns, counted with `measure`."""

    def __init__(self, rng: random.Random, size: int, measure: Callable[[Sequence[Message]], int]):
        self.size = size
        self._rng = rng
        self._known = WORDS.split()
        few, many = (self._counted(words, measure) for words in (10, 60))
        self._words = max(2, round(10 + 50 * (size - few) / (many - few)))

    def question(self) -> str:
        """A message of about a dozen words."""
        return " ".join(self._rng.choices(self._known, k=12)) + "?"

    def history(self, turns: int) -> Conversation:
        """So many turns, whose nine would have the size."""
        said = [self._turn() for _ in range(turns)]
        return Conversation(turns=tuple(said))

    def _counted(self, words: int, measure: Callable[[Sequence[Message]], int]) -> int:
        """The size of a history whose answers have so many words."""
        self._words = words
        return measure(self.history(9).messages())

    def _turn(self) -> Turn:
        answer = " ".join(self._rng.choices(self._known, k=self._words)) + "."
        return Turn(self.question(), answer, finished=True)


def script(members: Mapping[str, Member], reply: int, rng: random.Random) -> Script:
    """The texts for a blend: the history fills 80 % of its smallest window or LONGEST tokens.

    It stays below where a template would cut turns off. reply: tokens kept for the reply.
    """
    templates = [m.template for m in members.values() if hasattr(m, "template")]
    room = [min(0.8 * t.window, 0.875 * (t.window - reply)) - 64 for t in templates]

    def measure(messages: Sequence[Message]) -> int:
        if not templates:
            return sum(len(message.text) for message in messages) // 4
        return max(len(t.prompt(messages, 1).ids) for t in templates)

    return Script(rng, int(min([LONGEST, *room])), measure)
