"""What hand-offs cost, as values: the matrix, and what of it is whose. Bits per byte."""

from dataclasses import dataclass

from blend.evaluation.resample import Estimate

PEOPLE = "people"
"""Whoever wrote the replies of the data."""


@dataclass(frozen=True, slots=True)
class HandoffCell:
    """A pair: `later` goes on after replies of `earlier`.

    loss: of people's next reply. drift: that, less the loss of `later` after replies of its own;
    None where these are the replies. rest: the drift beyond what the effects add up to; None where
    there are too few pairs to tell. found: whether the drift differs from zero when all pairs are
    looked at together (Bonferroni).
    """

    earlier: str
    later: str
    loss: float
    drift: Estimate | None
    rest: Estimate | None
    found: bool


@dataclass(frozen=True, slots=True)
class HandoffEffect:
    """How much more than the mean drift all suffer after this writer, or this one after all.

    found: whether it differs from zero when all effects are looked at together.
    """

    name: str
    effect: Estimate
    found: bool = False


@dataclass(frozen=True, slots=True)
class PairPreference:
    """How often a judge prefers what `later` says after its own replies to what it says after those
    of `earlier`; both alike and torn count half. None where nothing could be read.

    found: whether it differs from a half when all pairs are looked at together (Bonferroni).
    """

    earlier: str
    later: str
    own: Estimate | None
    found: bool


@dataclass(frozen=True, slots=True)
class HandoffPreferences:
    """What a judge says of hand-offs. judged: pairs of replies that it was asked about, in both
    orders. alike: pairs with the same words, about which nobody was asked.

    own: over all pairs of members. unreadable: share of what it was asked; torn: share of the rest
    where the order decided; position_bias: see `blend.judging.agreement.JudgeReport`.
    """

    judge: str
    judged: int
    alike: int
    own: Estimate | None
    pairs: tuple[PairPreference, ...]
    unreadable: Estimate | None
    torn: Estimate | None
    position_bias: Estimate | None


@dataclass(frozen=True, slots=True)
class HandoffReport:
    """Everything. replies, conversations: that were scored. left_out: replies that do not fit.

    mean: drift of a hand-off between two members. earlier, later: the effects; those of members sum
    to zero. explained: share of the drifts' variance that both effects make up, None where they
    make up all of it by their number. notes: of whatever makes the figures doubtful.
    preferences: of a judge, where one was named.
    """

    title: str
    members: tuple[str, ...]
    replies: int
    left_out: int
    conversations: int
    mean: Estimate
    cells: tuple[HandoffCell, ...]
    earlier: tuple[HandoffEffect, ...]
    later: tuple[HandoffEffect, ...]
    explained: float | None
    notes: tuple[str, ...] = ()
    preferences: HandoffPreferences | None = None
