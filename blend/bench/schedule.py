"""The schedule: rounds in which everything that is compared runs side by side.

A machine drifts: other programs come and go, it gets warm. So each round measures every subject
once at each thing before it goes to the next thing, the subject that begins changes from round to
round, and ratios are taken within a round.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from blend.bench.baseline import GenerateBaseline
from blend.bench.direct import DirectLlama
from blend.bench.measures import SITUATIONS, FirstToken, Rate, ask_blend, first, rate
from blend.bench.workload import Workload
from blend.engine import Blend


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """How long and how often. levels: conversations at once. reply: tokens.

    seconds: of each measure of tokens a second.
    """

    rounds: int = 5
    seconds: float = 3.0
    levels: tuple[int, ...] = (1, 4, 16)
    reply: int = 64

    def __str__(self) -> str:
        return f"{self.rounds} rounds of {self.seconds:g} s each; replies of {self.reply} tokens"


QUICK = BenchSettings(rounds=2, seconds=0.7)


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured: whose, what (such as `tokens/s 16` or `first warm`), when."""

    subject: str
    measure: str
    round: int
    sample: Rate | FirstToken

    def row(self) -> dict[str, object]:
        """The same as it is written to JSON."""
        who = {"subject": self.subject, "measure": self.measure, "round": self.round}
        return who | {"value": self.sample.value} | asdict(self.sample)


Measurement = tuple[str, str, Callable[[], Awaitable[Rate | FirstToken | None]]]
"""A subject, what is measured of it, and how."""


def measurements(
    blends: Sequence[Blend],
    baselines: Sequence[DirectLlama | GenerateBaseline],
    workload: Workload,
    s: BenchSettings,
) -> list[list[Measurement]]:
    """Groups of what is compared. baselines: what the members are compared with."""
    groups = []
    for size in s.levels:
        what, how = f"tokens/s {size}", (size, s.reply, s.seconds)
        own = [(b.name, what, partial(rate, ask_blend(b, workload), *how)) for b in blends]
        groups.append(own + [(b.name, what, partial(b.rate, workload, *how)) for b in baselines])
    groups.append(
        [
            (blend.name, f"first {kind}", partial(first, blend, kind, workload, s.reply))
            for kind in SITUATIONS
            for blend in blends
            # A single member needs no draw.
            if kind != "ahead" or (len(blend.members) > 1 and blend.draws_ahead)
        ]
    )
    return groups


async def run(
    groups: Sequence[list[Measurement]], rounds: int, figures: list[Figure]
) -> AsyncIterator[str]:
    """Measure it all into `figures`; yields what comes next. Raises CommandError."""
    for number in range(rounds):
        for group in groups:
            turned = number % len(group)
            for subject, measure, take in group[turned:] + group[:turned]:
                yield f"{subject}: {measure}"
                if sample := await take():
                    figures.append(Figure(subject, measure, number, sample))
