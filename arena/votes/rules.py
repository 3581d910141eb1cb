"""Which votes count: rules with a version, as pure functions of what was noted with each vote.

A rule looks at one vote and at what the same visitor or address did before it, so it gives the same
answer when the vote is cast and when all votes are reviewed years later. What is not known is never
held against a vote. Tests on a visitor's votes as a whole are in `arena.votes.anomalies`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass

import numpy as np

from arena.models import NAMED
from arena.texts import ENGLISH, Texts

RULES_VERSION = "2"
"""The version of the rules below with their default limits; goes up whenever a decision may."""

DAY = 86_400.0
"""Seconds of a day; days begin at midnight UTC."""

Known = float | np.ndarray | None
"""One vote's value, or (n,) of many. None or NaN: it could not be found out."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rules compare with.

    waited: seconds after both replies are complete; under that, nobody looked. skim: characters a
    second that somebody can still skim, five times fast reading. by_visitor, by_address: votes that
    count on one day. same_prompt: of them, those of a visitor on one first message.
    """

    waited: float = 0.3
    skim: float = 100.0
    by_visitor: int = 60
    by_address: int = 300
    same_prompt: int = 3

    @property
    def version(self) -> str:
        """RULES_VERSION, and the limits where they are not the default ones."""
        if self == DEFAULT_LIMITS:
            return RULES_VERSION
        return f"{RULES_VERSION} ({' '.join(f'{value:g}' for value in astuple(self))})"


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class VoteEvidence:
    """What is known of a vote when it is cast; every field one value, or (n,) of many votes.

    waited: seconds from both replies complete to the vote. watched: seconds from the first token of
    the last pair of replies to the vote; shorter: characters of the shorter of these two.
    by_visitor, by_address, same_prompt (by this visitor): votes before it on the same day (UTC),
    counted or not. leaked: whether a reply told who it was. barred: whether the visitor is.
    """

    waited: Known = None
    watched: Known = None
    shorter: Known = None
    by_visitor: Known = None
    by_address: Known = None
    same_prompt: Known = None
    leaked: Known = None
    barred: Known = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) is None:
                object.__setattr__(self, name, math.nan)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a vote counts. reason: codes joined by ", ". rules: their version."""

    counted: bool
    reason: str
    rules: str


RULES: Mapping[str, Callable[[VoteEvidence, Limits], bool | np.ndarray]] = {
    "barred": lambda cast, _: cast.barred == 1,
    "identity_shown": lambda cast, _: cast.leaked == 1,
    "too_fast": lambda cast, limits: (
        (cast.waited < limits.waited) | (cast.watched * limits.skim < cast.shorter)
    ),
    "visitor_cap": lambda cast, limits: cast.by_visitor >= limits.by_visitor,
    "address_cap": lambda cast, limits: cast.by_address >= limits.by_address,
    "repeated_prompt": lambda cast, limits: cast.same_prompt >= limits.same_prompt,
}
"""The rules on single votes by their code, in the order in which reasons are given: whether one is
broken, of one vote or of arrays alike. Comparisons with NaN are false: what is not known breaks no
rule. What the visitor reads is the text "uncounted." and the code."""

ONE_SIDED = "one_sided"
"""The code of what only all votes of a visitor can show: `arena.votes.anomalies.one_sided`."""

CODES = (*RULES, ONE_SIDED, NAMED)
"""Why a vote does not count. What is stored may have a code of other rules, or of another site."""


def decide(cast: VoteEvidence, limits: Limits = DEFAULT_LIMITS) -> Verdict:
    """Whether one vote counts, as it is cast."""
    broken = [code for code, is_broken in RULES.items() if is_broken(cast, limits)]
    return Verdict(not broken, ", ".join(broken), limits.version)


def explain(reason: str, texts: Texts = ENGLISH) -> str:
    """A verdict's reason as sentences for the visitor; empty for a vote that counts."""
    codes = filter(None, reason.split(", "))
    return " ".join(texts.named(f"uncounted.{code}", code) for code in codes)
