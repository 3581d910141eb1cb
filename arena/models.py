"""What the store takes and gives: frozen values, and the two ways in which it says no."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from arena.texts import ENGLISH
from blend.conversation import Conversation, new_id

Choice = Literal["left", "right", "tie", "both_bad"]
Status = Literal["created", "streaming", "ready", "voted", "void"]
Source = Literal["own", "simulated", "imported", "judged"]
"""Whose votes a board is of. Battles have one more, "named": it is on no board. "judged": models
played and judged, by `python -m blend duel`."""

Side = Literal["left", "right"]
ReasonKind = Literal["good", "bad"]

JUDGED = "judged"
"""Battles that models played and judged: their source, which no vote of a person ever has."""

NAMED = "named"
"""Battles between two contenders that the visitor chose, with the names in view: their source, and
why their votes do not count."""


INCOMPLETE = "a side did not finish"
"""Why a battle is void that may still be saved: by asking once more who did not finish."""

HIDDEN_ERROR = ENGLISH("replies.unfinished")
"""What is said of a failure where its own words could give a name away."""


Shown = Literal["first", "second", "tie", "unreadable"]
"""Which of two a judge prefers that were shown to it in order; or its answer cannot be read."""


class MachineVerdict(NamedTuple):
    """What a model said of a battle that models played.

    played: that battle, the same for all who judge it. digest: of what the judge is made of.
    opener: a hash of the first message; battles with the same one are one opinion. left_first,
    left_second: the answer where the left side was shown first, and second.
    """

    played: str
    judge: str
    digest: str
    opener: str
    left_first: Shown
    left_second: Shown


class StoreError(RuntimeError):
    """The database cannot be used. One line, for the host: which file, what is wrong, the mend."""


class DamagedError(StoreError):
    """The file is no database, or a broken one."""


class RowError(StoreError):
    """One row breaks a rule of the tables; the rest of its transaction can go on."""


class Refused(ValueError):
    """A rule of the arena says no, and nothing was changed.

    name, values: of a text for the visitor, in whatever language; str() is that text in English.
    """

    def __init__(self, name: str, /, **values: object):
        super().__init__(ENGLISH(name, **values))
        self.name = name
        self.values = values


@dataclass(frozen=True, slots=True)
class Contender:
    """What fights. `config` is everything that changes its replies; the id is its hash."""

    id: str
    name: str
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Battle:
    """A battle to be opened: who meets whom. It is not for the page: it tells the contenders.

    left, right: contender ids. A conversation that is None gets no row (simulated battles
    have none, nor have many imported ones). pair_chance is None where it is not known. created:
    seconds since 1970.
    """

    visitor: str
    left: str
    right: str
    pair_chance: float | None
    policy: str
    id: str = field(default_factory=new_id)
    left_conversation: str | None = field(default_factory=new_id)
    right_conversation: str | None = field(default_factory=new_id)
    source: Source | Literal["named"] = "own"
    created: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True)
class BattleState:
    """What may be known of a battle at any time: nothing in it tells the contenders."""

    id: str
    visitor: str
    status: Status
    turns: int
    left_conversation: str | None
    right_conversation: str | None
    void_reason: str | None


@dataclass(frozen=True, slots=True)
class Reveal:
    """What a committed vote returns: the names at last, and whether the vote counts."""

    left: Contender
    right: Contender
    choice: Choice
    counted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class VoteNotes:
    """Why a visitor voted so, as far as they said it.

    reasons: of each side, in their own order; the choice tells whether they are what was good
    about it or what was wrong with it.
    """

    reasons: Mapping[Side, tuple[str, ...]] = field(default_factory=dict)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class VoteCounts:
    """Counted votes by (left contender id, right contender id, choice, count), and totals.

    counted of `votes` cast count; `void` battles were skipped or failed and have no vote.
    """

    outcomes: tuple[tuple[str, str, Choice, int], ...]
    counted: int
    votes: int
    void: int


@dataclass(frozen=True, slots=True)
class ExcludedCounts:
    """Votes of a source that do not count, and its battles that ended without one."""

    dropped: int
    void: int


@dataclass(frozen=True, slots=True)
class SampleBattle:
    """A battle that may be shown to anybody. It does not say whose it was.

    contenders: ids, left and right, as are the sides. voted: when, seconds since 1970.
    """

    contenders: tuple[str, str]
    sides: tuple[Conversation, Conversation]
    choice: Choice
    voted: float
