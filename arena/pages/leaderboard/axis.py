"""An axis that rows of a table share: where on it a value and its interval lie."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS = (1, 2, 5)
"""What the distance of two marks begins with, as 20, 50 and 100 do."""


@dataclass(frozen=True, slots=True)
class AxisBar:
    """A value with its interval as CSS places it, in percent of the axis.

    cut: whether the interval goes on beyond the left and the right end of the axis.
    """

    low: float
    at: float
    high: float
    cut: tuple[bool, bool]

    @property
    def style(self) -> str:
        """The values of the properties that the style sheet reads."""
        return f"--low:{self.low:.2f}%;--at:{self.at:.2f}%;--high:{self.high:.2f}%"


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, with a line at `middle`."""

    low: float
    high: float
    middle: float

    @classmethod
    def around(
        cls, middle: float, whole: Iterable[float], points: Iterable[float], least: float
    ) -> "Axis":
        """The axis on which all of these values lie, with a little room at both ends.

        whole: the ends of intervals that must be seen whole. points: values whose intervals may be
        cut. least: what it spans in any case.
        """
        values = [middle - least / 2, middle + least / 2, *whole, *points]
        low, high = min(values), max(values)
        room = (high - low) * 0.04
        return cls(low - room, high + room, middle)

    def at(self, value: float) -> float:
        """Where a value lies, in percent; beyond an end, that end."""
        share = (value - self.low) / (self.high - self.low)
        return 100 * min(1.0, max(0.0, share))

    def bar(self, low: float, value: float, high: float) -> AxisBar:
        """The bar of a value and its interval."""
        cut = (low < self.low, high > self.high)
        return AxisBar(self.at(low), self.at(value), self.at(high), cut)

    def marks(self, about: int = 5) -> list[float]:
        """Round values on the axis, evenly spaced, about so many."""
        least = (self.high - self.low) / about
        power = 10 ** math.floor(math.log10(least))
        step = next(n * power for n in (*STEPS, 10) if n * power >= least)
        first = math.ceil(self.low / step)
        return [step * n for n in range(first, math.floor(self.high / step) + 1)]
