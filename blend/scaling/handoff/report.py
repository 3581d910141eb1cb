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
    """How much more than the mean drift all suffer after this writer, or this one after all."""

    name: str
    effect: Estimate


@dataclass(frozen=True, slots=True)
class HandoffReport:
    """Everything. replies, conversations: that were scored. left_out: replies that do not fit.

    mean: drift of a hand-off between two members. earlier, later: the effects; those of members sum
    to zero. explained: share of the drifts' variance that both effects make up, None where they
    make up all of it by their number. notes: of whatever makes the figures doubtful.
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
