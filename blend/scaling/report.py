"""What a table of losses says of the law: fits, gains, and where Blended lies. Values only.

All losses are bits per byte, so that members with other tokenizers can be compared.
"""

from dataclasses import dataclass

from blend.evaluation.resample import Estimate
from blend.scaling.pair_gain import GainByRelation, PairGain

SINGLE, FAMILY, ACROSS = "single models", "pools of one family", "pools across families"


@dataclass(frozen=True, slots=True)
class MeasuredMember:
    """A model as the report shows it; loss in bits per byte."""

    name: str
    family: str
    parameters: int
    embedding: int
    loss: Estimate


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """The best pool of its kind in one step of total parameters; losses on the other half."""

    parameters: int
    members: tuple[str, ...]
    oracle: Estimate
    blended: float
    mean: float
    best: float


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """L(N) = scale · N^(-exponent) + floor, N in millions. line: N, L and its band, to be drawn."""

    scale: Estimate
    exponent: Estimate
    floor: Estimate
    line: tuple[tuple[float, float, float, float], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrontierFit:
    """The frontier of one kind of pool and the law through it, or the reason why there is none."""

    kind: str
    points: tuple[FrontierPoint, ...]
    law: PowerLaw | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FitDifference:
    """How much lower the second's floor is than the first's, and how much larger its exponent."""

    first: str
    second: str
    floor: Estimate
    exponent: Estimate


@dataclass(frozen=True, slots=True)
class BlendedPosition:
    """Where Blended lies, for one pool or as the mean over all of one size.

    gap: Blended above the oracle, nats a reply; it is at most log of the number of members.
    """

    name: str
    members: int
    oracle: float
    blended: float
    mean: float
    best: float
    gap: float


@dataclass(frozen=True, slots=True)
class ScalingReport:
    """Everything. checked: how often the inequalities were looked at, once a pool and a reply;
    worst: by how many nats one was missed at most, which is rounding."""

    title: str
    replies: int
    left_out: int
    conversations: int
    members: tuple[MeasuredMember, ...]
    fits: tuple[FrontierFit, ...]
    differences: tuple[FitDifference, ...]
    pairs: tuple[PairGain, ...]
    kinds: tuple[GainByRelation, ...]
    between: tuple[BlendedPosition, ...]
    checked: int
    worst: float
