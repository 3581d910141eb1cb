"""The report on measured figures: a table, and ratios with their spread."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from blend.bench.measures import FirstToken, Rate
from blend.bench.schedule import Figure

MEAN = "members' mean"
LEGEND = f"""\
{MEAN}: each member alone writes as many tokens as the blend let it write
opening: the first message; the others are turn 10, with a history that was cold: read by nobody;
warm: written by the same subject; ahead: read by the drawn member while the visitor reads
aims are for models of 100 million parameters or more, in 5 rounds on a machine that is idle"""

Rounds = Mapping[int, float]
"""A value of each round in which there is one."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two figures of the same rounds, one divided by the other. aim: what it ought to be."""

    name: str
    values: tuple[float, ...]
    aim: str = ""

    def row(self) -> dict[str, object]:
        """The same as it is written to JSON."""
        middle = median(self.values)
        return {"name": self.name, "median": middle, "rounds": self.values, "aim": self.aim}

    def __str__(self) -> str:
        spread = f"({min(self.values):.2f} to {max(self.values):.2f})"
        return f"{self.name:<72} {median(self.values):5.2f}  {spread:<16} {self.aim}".rstrip()


class BenchReport:
    """Reads figures. blend: the name of the blend, or None where there is a single member only.

    baselines: the name of what a member was compared with, by the member's.
    """

    def __init__(
        self,
        figures: Sequence[Figure],
        members: Sequence[str],
        blend: str | None,
        baselines: Mapping[str, str],
    ):
        self._members = members
        self._blend = blend
        self._baselines = baselines
        self._samples: dict[str, dict[str, dict[int, Rate | FirstToken]]] = {}
        for f in figures:
            self._samples.setdefault(f.subject, {}).setdefault(f.measure, {})[f.round] = f.sample
        self._measures = [*dict.fromkeys(figure.measure for figure in figures)]
        self._rates = [what for what in self._measures if what.startswith("tokens/s")]

    def table(self) -> str:
        """A row for each subject: medians, of tokens a second and of ms to the first token."""
        rows = {name: [self._values(name, m) for m in self._measures] for name in self._samples}
        if self._blend:
            rows[MEAN] = [self._mean(what) for what in self._rates]
        wide = max(map(len, rows), default=0)
        heads = (what.replace("first ", "ms ") for what in self._measures)
        lines = [" " * wide + "".join(f"{head:>13}" for head in heads)]
        for name, row in rows.items():
            line = f"{name:<{wide}}"
            for what, cell in zip(self._measures, row, strict=False):
                scale = 1 if what in self._rates else 1000
                line += f"{median(cell.values()) * scale:>13,.0f}" if cell else " " * 13
            lines.append(line.rstrip())
        return "\n".join([*lines, LEGEND])

    def ratios(self) -> list[Ratio]:
        """Every ratio whose two sides were measured in at least one round."""
        return [ratio for ratio in self._ratios() if ratio.values]

    def _ratios(self) -> Iterator[Ratio]:
        for name, other in self._baselines.items():
            aims = {"tokens/s 1": "≥ 0.9", "tokens/s 16": "≥ 0.85"} if "llama.cpp" in other else {}
            for what in self._rates:
                both = self._values(name, what), self._values(other, what)
                yield _ratio(f"{name} / {other}, {what}", *both, aims.get(what, ""))
        if self._blend:
            for what in self._rates:
                aim = "≥ 0.95" if what in ("tokens/s 1", "tokens/s 16") else ""
                both = self._values(self._blend, what), self._mean(what)
                yield _ratio(f"{self._blend} / {MEAN}, {what}", *both, aim)
            for kind, aim in (("warm", "≤ 1.2"), ("cold", "≤ 0.3")):
                both = self._values(self._blend, "first ahead"), self._drawn(kind)
                what = f"{self._blend}, turn 10 drawn ahead / the same member alone, {kind}"
                yield _ratio(what, *both, aim)

    def _values(self, subject: str, measure: str) -> Rounds:
        return {n: sample.value for n, sample in self._of(subject, measure).items()}

    def _of(self, subject: str | None, measure: str) -> Mapping[int, Rate | FirstToken]:
        return self._samples.get(subject, {}).get(measure, {})

    def _mean(self, measure: str) -> Rounds:
        """The members' mean of tokens a second, of each round that has them all.

        A blend's tokens take the time of the members that write them. So each member's, as many as
        there were, are divided by its own rate: with as many of each it is the harmonic mean of the
        rates. The arithmetic mean would have the fast member write more often than it is drawn.
        """
        alone = {name: self._values(name, measure) for name in self._members}
        means = {}
        for number, rate in self._of(self._blend, measure).items():
            if rate.tokens and all(alone.get(name, {}).get(number) for name in rate.tokens):
                seconds = sum(n / alone[name][number] for name, n in rate.tokens.items())
                means[number] = sum(rate.tokens.values()) / seconds
        return means

    def _drawn(self, kind: str) -> Rounds:
        """Each round's wait for the member that was drawn ahead in it, as it was for it alone."""
        alone = {name: self._values(name, f"first {kind}") for name in self._members}
        drawn = self._of(self._blend, "first ahead").items()
        return {n: alone[one.member][n] for n, one in drawn if n in alone[one.member]}


def _ratio(name: str, above: Rounds, below: Rounds, aim: str) -> Ratio:
    common = sorted(n for n in above.keys() & below.keys() if below[n])
    return Ratio(name, tuple(above[n] / below[n] for n in common), aim)
