"""Figures as whoever asked for them reads them: a table, ratios with their spread, JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from blend.bench.plan import BESIDE, TALK, Figure
from blend.bench.probe import SCENES, Rate

LEGEND = f"""\
talks: whole conversations of {TALK} turns, in which members read what others wrote
opening: the first message; the others are turn 10 of a conversation, with a history that was
cold: read by nobody; warm: written by the same blend; ahead: read while the visitor did
+{BESIDE}: beside {BESIDE} live conversations
compute: tokens that went through a model, read or written, for each one written"""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two figures of the same rounds, one divided by the other. aim: what it ought to be."""

    name: str
    values: tuple[float, ...]
    aim: str = ""

    @property
    def median(self) -> float:
        return median(self.values)

    def row(self) -> dict[str, object]:
        """The same as it is written to JSON."""
        return {"name": self.name, "median": self.median, "rounds": self.values, "aim": self.aim}

    def __str__(self) -> str:
        spread = f"{self.median:5.2f}  ({min(self.values):.2f} to {max(self.values):.2f})"
        return f"{self.name:<64} {spread:<24} {self.aim}".rstrip()


class Report:
    """Reads figures. blend: the name of the blend, or None where there is a single member only."""

    def __init__(self, figures: Sequence[Figure], members: Sequence[str], blend: str | None):
        self.figures = figures
        self.members = members
        self.blend = blend
        self.subjects = [*dict.fromkeys(figure.subject for figure in figures)]

    def table(self) -> str:
        """A row for each subject: tokens a second, then milliseconds to the first token."""
        measures = [*dict.fromkeys(figure.measure for figure in self.figures)]
        wide = max(map(len, [*self.subjects, 21 * " "]))
        lines = []
        kinds = ("tokens/s", "tokens a second", 1), ("first", "ms to the first token", 1000)
        for kind, unit, scale in kinds:
            some = [measure for measure in measures if measure.startswith(kind)]
            heads = [measure.removeprefix(kind).strip() for measure in some]
            if heads:
                lines.append(f"{unit:<{wide}}" + "".join(f"{head:>11}" for head in heads))
                for subject in self.subjects:
                    values = [self._values(subject, measure) for measure in some]
                    if any(values):
                        cells = (f"{median(v) * scale:>11,.0f}" if v else " " * 11 for v in values)
                        lines.append(f"{subject:<{wide}}{''.join(cells)}")
                lines.append("")
        return "\n".join([*lines, *self._found(), LEGEND])

    def ratios(self) -> list[Ratio]:
        """Every ratio whose two sides were measured in at least one round."""
        return [ratio for ratio in self._all() if ratio.values]

    def _all(self) -> Iterable[Ratio]:
        if self.blend:
            yield from self._of_the_blend(self.blend)
        for name in self.members:
            one = self._rounds(name, "tokens/s 1")
            plain = self._rounds(f"generate ({name})", "tokens/s 1")
            yield _ratio(f"{name}: 1 conversation / plain generate", one, plain, "≥ 0.8")
            alone = self._rounds(f"{name}, alone in a process", "tokens/s 1")
            yield _ratio(f"{name}: 1 conversation / only it loaded", one, alone, "≥ 0.85")
            cold = (
                self._rounds(name, "first cold"),
                self._rounds(f"generate ({name})", "first cold"),
            )
            yield _ratio(f"{name}: first token of turn 10, cold / plain generate", *cold)
        for name in [*self.members, *filter(None, [self.blend])]:
            one = self._rounds(name, "tokens/s 1")
            for size in (16, 64):
                many = self._rounds(name, f"tokens/s {size}")
                yield _ratio(f"{name}: {size} conversations / 1", many, one, "≥ 2" * (size == 16))

    def _of_the_blend(self, blend: str) -> Iterable[Ratio]:
        of = f"{blend} / mean of its members"
        sizes = [f.measure for f in self.figures if isinstance(f.sample, Rate)]
        for measure in dict.fromkeys(sizes):
            what = measure.removeprefix("tokens/s ")
            aim = "≥ 0.95" if what in ("1", "16") else ""
            both = self._rounds(blend, measure), self._mean(measure)
            yield _ratio(f"{of}, tokens/s: {what}", *both, aim)
            works = self._rounds(blend, measure, _work), self._mean(measure, _work)
            yield _ratio(f"{of}, compute a token: {what}", *works, "1" * (what in ("1", "16")))
            costs = self._rounds(blend, measure, _cpu), self._mean(measure, _cpu)
            yield _ratio(f"{of}, processor time a token: {what}", *costs)
        for beside in ("", f" +{BESIDE}"):
            ahead = self._rounds(blend, f"first ahead{beside}")
            what = f"{blend}, turn 10 drawn ahead{beside}"
            warm, cold = self._mean(f"first warm{beside}"), self._mean(f"first cold{beside}")
            yield _ratio(f"{what} / a single member, warm", ahead, warm, "≤ 1.3")
            yield _ratio(f"{what} / a single member, cold", ahead, cold, "≤ 0.3")

    def _values(self, subject: str, measure: str) -> list[float]:
        return [f.value for f in self.figures if (f.subject, f.measure) == (subject, measure)]

    def _rounds(
        self, subject: str, measure: str, of: Callable[[Figure], float] = lambda f: f.value
    ) -> dict[int, float]:
        """The median of each round."""
        found: dict[int, list[float]] = {}
        for figure in self.figures:
            if (figure.subject, figure.measure) == (subject, measure):
                found.setdefault(figure.round, []).append(of(figure))
        return {number: median(values) for number, values in found.items()}

    def _mean(
        self, measure: str, of: Callable[[Figure], float] = lambda f: f.value
    ) -> dict[int, float]:
        """The mean of the members, of each round that has them all."""
        each = [self._rounds(name, measure, of) for name in self.members]
        common = set.intersection(*map(set, each)) if each else set()
        return {number: fmean(rounds[number] for rounds in each) for number in common}

    def _found(self) -> list[str]:
        """How much of their prompts the subjects found in the cache at turn 10, and in talks."""
        lines = []
        for subject in [*self.members, *filter(None, [self.blend])]:
            parts = []
            for kind in (*SCENES[2:], "talks"):
                own = [f for f in self.figures if f.subject == subject and kind in f.measure]
                prompt = sum(figure.sample.prompt for figure in own)
                if prompt:
                    parts.append(f"{kind} {sum(f.sample.cached for f in own) / prompt:.0%}")
            if parts:
                lines.append(f"{subject}: found in the cache of a prompt: {', '.join(parts)}")
        return lines


def _work(figure: Figure) -> float:
    return figure.sample.work


def _cpu(figure: Figure) -> float:
    return figure.sample.cpu / max(1, figure.sample.tokens)


def _ratio(
    name: str, above: Mapping[int, float], below: Mapping[int, float], aim: str = ""
) -> Ratio:
    common = sorted(n for n in above.keys() & below.keys() if below[n])
    return Ratio(name, tuple(above[n] / below[n] for n in common), aim)
