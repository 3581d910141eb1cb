"""What is measured, in which order: rounds in which everything that is compared runs side by side.

A machine drifts: other programs come and go, it gets warm. So each round measures every subject
once at each thing before it goes to the next thing, the subject that begins changes from round to
round, and ratios are taken within a round.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from blend.bench.lone import Lone
from blend.bench.plain import Plain
from blend.bench.probe import SCENES, Crowd, First, Rate, rate, scene
from blend.bench.script import Script
from blend.engine import Blend

TALK = 8
"""Turns of the conversations in the measure of whole conversations."""
BESIDE = 8
"""Live conversations beside which the first tokens are waited for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how often. levels: conversations at once. reply: tokens. trials: of first tokens
    in a round. seconds: of each measure of tokens a second.
    """

    rounds: int = 5
    seconds: float = 2.0
    trials: int = 2
    levels: tuple[int, ...] = (1, 4, 16, 64)
    reply: int = 64

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds; medians of {self.seconds:g} s each, and of "
            f"{self.rounds * self.trials} first tokens; replies of {self.reply} tokens"
        )


QUICK = Settings(rounds=2, seconds=0.7, trials=1, levels=(1, 4, 16))


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured: whose, what (such as `tokens/s 16` or `first warm +8`), when."""

    subject: str
    measure: str
    round: int
    sample: Rate | First

    @property
    def value(self) -> float:
        """Tokens a second, or seconds to the first token."""
        return self.sample.per_second if isinstance(self.sample, Rate) else self.sample.seconds

    def row(self) -> dict[str, object]:
        """The same as it is written to JSON."""
        who = {"subject": self.subject, "measure": self.measure, "round": self.round}
        return who | {"value": self.value} | asdict(self.sample)


Cell = tuple[str, Callable[[], Awaitable[list[Rate | First]]], tuple[str, ...]]
"""A subject, how it is measured, and the names of what that yields, in order."""


class Plan:
    """All cells of a round. figures: what was measured so far."""

    def __init__(
        self,
        blends: Sequence[Blend],
        script: Script,
        settings: Settings,
        plains: Sequence[Plain] = (),
        lones: Sequence[Lone] = (),
    ):
        self.figures: list[Figure] = []
        self.settings = settings
        self.script = script
        self._blends = blends
        self.plains = plains
        self._lones = lones

    def __len__(self) -> int:
        return self.settings.rounds * sum(map(len, self._cells()))

    async def run(self, step: Callable[[str], None]) -> None:
        """Measure it all; `step` is told what comes next. Raises BenchError."""
        for number in range(self.settings.rounds):
            for group in self._cells():
                turned = number % len(group)
                for subject, measure, names in group[turned:] + group[:turned]:
                    step(f"{subject}: {names[0]}")
                    samples = await measure()
                    self.figures += [
                        Figure(subject, name, number, sample)
                        for name, sample in zip(names, samples, strict=True)
                    ]

    def _cells(self) -> Iterator[list[Cell]]:
        """Groups of cells that are compared with one another."""
        s = self.settings
        for size in s.levels:
            group = [self._rate(blend, size, 1, f"tokens/s {size}") for blend in self._blends]
            if size == 1:
                group += [self._plain_rate(plain) for plain in self.plains]
            group += [self._lone_rate(lone, size) for lone in self._lones if size in (1, 16)]
            yield group
        if 16 in s.levels:
            yield [self._rate(blend, 16, TALK, "tokens/s 16 talks") for blend in self._blends]
        yield [*map(self._first, self._blends), *map(self._plain_first, self.plains)]
        yield [*map(self._first_beside, self._blends)]

    def _rate(self, blend: Blend, size: int, turns: int, name: str) -> Cell:
        async def measure() -> list[Rate | First]:
            s = self.settings
            return [await rate(blend, size, self.script, s.reply, s.seconds, turns)]

        return blend.name, measure, (name,)

    def _plain_rate(self, plain: Plain) -> Cell:
        async def measure() -> list[Rate | First]:
            s = self.settings
            return [await asyncio.to_thread(plain.rate, self.script, s.reply, s.seconds)]

        return plain.name, measure, ("tokens/s 1",)

    def _lone_rate(self, lone: Lone, size: int) -> Cell:
        async def measure() -> list[Rate | First]:
            return [await asyncio.to_thread(lone.rate, size, self.settings.seconds)]

        return lone.name, measure, (f"tokens/s {size}",)

    def _first(self, blend: Blend) -> Cell:
        async def measure() -> list[Rate | First]:
            return [await self._scene(blend, kind) for kind in kinds]

        kinds = SCENES * self.settings.trials
        return blend.name, measure, tuple(f"first {kind}" for kind in kinds)

    def _first_beside(self, blend: Blend) -> Cell:
        async def measure() -> list[Rate | First]:
            async with Crowd(blend, BESIDE, self.script, self.settings.reply).live():
                return [await self._scene(blend, kind) for kind in kinds]

        kinds = SCENES * self.settings.trials
        return blend.name, measure, tuple(f"first {kind} +{BESIDE}" for kind in kinds)

    def _plain_first(self, plain: Plain) -> Cell:
        async def measure() -> list[Rate | First]:
            return [await asyncio.to_thread(plain.first, self.script)]

        return plain.name, measure, ("first cold",)

    async def _scene(self, blend: Blend, kind: str) -> First:
        return await scene(blend, kind, self.script, self.settings.reply)
