"""The tags of a first message: ours by rules, and those of the operator by words and phrases."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

from arena.categories.criteria import HARD, criteria
from arena.categories.phrases import normalize, phrase_pattern
from arena.categories.rules import RULES

VERSION = "1"
"""Of the rules: it changes with whatever changes a tag."""

FIRST, LAST = 1_000, 500
"""Characters that are read of a longer message: what is wanted stands at its beginning or its end,
around what was pasted."""

HARD_PROMPT = "hard_prompt"
TAGS = (*RULES, HARD_PROMPT)
"""The categories that there always are, in the order in which boards have them."""


class Judgement(NamedTuple):
    """tags: those of TAGS that a message has, then the operator's own. criteria: those of a hard
    prompt that it seems to meet."""

    tags: tuple[str, ...]
    criteria: tuple[str, ...]


class Tagger:
    """own: the operator's categories, each with its phrases, see `phrase_pattern`. Immutable."""

    def __init__(self, own: Mapping[str, Sequence[str]] = MappingProxyType({})):
        self.own = own
        self._patterns = {name: phrase_pattern(phrases) for name, phrases in own.items()}

    @cached_property
    def version(self) -> str:
        """What makes the tags: the version of the rules, and a mark of the operator's phrases."""
        if not self.own:
            return VERSION
        phrases = repr([(name, *self.own[name]) for name in sorted(self.own)])
        return f"{VERSION}+{sha256(phrases.encode()).hexdigest()[:8]}"

    def judge(self, message: str) -> Judgement:
        """What a first message is."""
        text = _read(message)
        ours = [name for name, rule in RULES.items() if rule(text)]
        if len(ours) > 1 and "small_talk" in ours:
            ours.remove("small_talk")  # who greets and then asks for something is not chatting
        met = criteria(text, ours)
        if len(met) >= HARD:
            ours.append(HARD_PROMPT)
        own = (name for name, pattern in self._patterns.items() if pattern.search(text))
        return Judgement((*ours, *own), met)

    def tags(self, message: str) -> tuple[str, ...]:
        """The tags of a first message alone."""
        return self.judge(message).tags


def _read(message: str) -> str:
    """What the rules see of a message."""
    if len(message) > FIRST + LAST:
        message = f"{message[:FIRST]}\n{message[-LAST:]}"
    return normalize(message)
