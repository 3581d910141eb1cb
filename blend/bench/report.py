"""Figures as whoever asked for them reads them: a table, and ratios with their spread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from blend.bench.plan import Figure

MEAN = "members' mean"
LEGEND = f"""\
{MEAN}: each member alone writes as many tokens as the blend let it write
opening: the first message; the others are turn 10, with a history that was cold: read by nobody;
warm: written by the same subject; ahead: read by the drawn member while the visitor reads
aims are for models of 100 million parameters or more, in 5 rounds on a machine that is idle"""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two figures of the same rounds, one divided by the other. aim: what it ought to be."""

    name: str
    values: tuple[float, ...]
    aim: str = ""

    def row(self) -> dict[str, object]:
        """The same as it is written to JSON."""
        row = {"name": self.name, "median": median(self.values), "rounds": self.values}
        return row | {"aim": self.aim}

    def __str__(self) -> str:
        spread = f"({min(self.values):.2f} to {max(self.values):.2f})"
        return f"{self.name:<72} {median(self.values):5.2f}  {spread:<16} {self.aim}".rstrip()


class Report:
    """Reads figures. blend: the name of the blend, or None where there is a single member only.

    beside: the name of what a member was compared with, by the member's.
    """

    def __init__(
        self,
        figures: Sequence[Figure],
        members: Sequence[str],
        blend: str | None,
        beside: Mapping[str, str],
    ):
        self._members = members
        self._blend = blend
        self._beside = beside
        self._samples = {(f.subject, f.measure): {} for f in figures}
        for figure in figures:
            self._samples[figure.subject, figure.measure][figure.round] = figure.sample
        self._measures = [*dict.fromkeys(figure.measure for figure in figures)]
        self._rates = [what for what in self._measures if what.startswith("tokens/s")]

    def table(self) -> str:
        """A row for each subject: medians, of tokens a second and of ms to the first token."""
        names = [*dict.fromkeys(subject for subject, _ in self._samples)]
        rows = {name: [self._rounds(name, what) for what in self._measures] for name in names}
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
        return [ratio for ratio in self._all() if ratio.values]

    def _all(self) -> Iterable[Ratio]:
        for name, other in self._beside.items():
            known = {1: "≥ 0.9", 16: "≥ 0.85"} if "llama.cpp" in other else {}
            for what, aim in self._aimed(known):
                both = self._rounds(name, what), self._rounds(other, what)
                yield _ratio(f"{name} / {other}, {what}", *both, aim)
        if self._blend:
            for what, aim in self._aimed({1: "≥ 0.95", 16: "≥ 0.95"}):
                both = self._rounds(self._blend, what), self._mean(what)
                yield _ratio(f"{self._blend} / {MEAN}, {what}", *both, aim)
            for kind, aim in (("warm", "≤ 1.2"), ("cold", "≤ 0.3")):
                both = self._rounds(self._blend, "first ahead"), self._drawn(kind)
                what = f"{self._blend}, turn 10 drawn ahead / the same member alone, {kind}"
                yield _ratio(what, *both, aim)

    def _aimed(self, aims: Mapping[int, str]) -> Iterable[tuple[str, str]]:
        return ((what, aims.get(int(what.split()[1]), "")) for what in self._rates)

    def _rounds(self, subject: str, measure: str) -> dict[int, float]:
        own = self._samples.get((subject, measure), {})
        return {number: sample.value for number, sample in own.items()}

    def _mean(self, measure: str) -> dict[int, float]:
        """The members' mean of tokens a second, of each round that has them all.

        A blend's tokens take the time of the members that write them. So each member's, as many as
        there were, are divided by its own rate: with as many of each it is the harmonic mean of the
        rates. The arithmetic mean would have the fast member write more often than it is drawn.
        """
        alone = {name: self._rounds(name, measure) for name in self._members}
        found = {}
        for number, rate in self._samples.get((self._blend, measure), {}).items():
            if rate.tokens and all(alone[name].get(number) for name in rate.tokens):
                seconds = sum(n / alone[name][number] for name, n in rate.tokens.items())
                found[number] = sum(rate.tokens.values()) / seconds
        return found

    def _drawn(self, kind: str) -> dict[int, float]:
        """Each round's wait for the member that was drawn ahead in it, as it was for it alone."""
        alone = {name: self._rounds(name, f"first {kind}") for name in self._members}
        drawn = self._samples.get((self._blend, "first ahead"), {}).items()
        return {n: alone[one.member][n] for n, one in drawn if n in alone[one.member]}


def _ratio(name: str, above: Mapping[int, float], below: Mapping[int, float], aim: str) -> Ratio:
    common = sorted(n for n in above.keys() & below.keys() if below[n])
    return Ratio(name, tuple(above[n] / below[n] for n in common), aim)
