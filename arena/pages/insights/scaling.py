"""The collaboration law: losses by parameters, what two models gain, where Blended lies.

The figures show a report of `python -m blend law`: the one that the roster names as `law`, or one
that comes with the project. Nothing is measured while the page is shown.
"""

from collections.abc import Sequence

from arena.pages.insights import measured_report, scaling_figures
from arena.pages.insights.section import SectionContent, SectionTable
from arena.site.site import Site
from arena.texts import ENGLISH, Texts
from blend.scaling import markdown, verdicts
from blend.scaling.report import ScalingReport

KINDS, REASONS = ("kind", "most", "least"), ("reason", "note")
"""The values of the verdicts' sentences that are texts themselves; see `verdicts.Say`."""

STUDY = "ladder"  # the report on models trained for this, whose sizes tell a law


class ScalingSections:
    """The three answers over one site."""

    def __init__(self, site: Site):
        self.site = site

    def frontier(self, texts: Texts = ENGLISH) -> SectionContent:
        """The best pools by their parameters, with the fits."""
        report = self._report(STUDY)
        say = verdict_texts(texts)
        sentences = (
            f"{_of(report, texts)} {verdicts.floors(report, say)} {verdicts.steepness(report, say)}"
        )
        rows = markdown.fit_rows(report, say, texts.written)
        table = _table("fits", markdown.FIT_COLUMNS, rows, texts)
        return SectionContent(sentences, scaling_figures.frontier(report, texts), table)

    def pairs(self, texts: Texts = ENGLISH) -> SectionContent:
        """The gain of every pair over its better member."""
        report = self._report(STUDY)
        rows = markdown.pair_rows(report, texts.written)
        table = _table("pairs", markdown.PAIR_COLUMNS, rows, texts)
        sentences = f"{_of(report, texts)} {verdicts.diversity(report, verdict_texts(texts))}"
        return SectionContent(sentences, scaling_figures.pairs(report, texts), table)

    def between(self, texts: Texts = ENGLISH) -> SectionContent:
        """Oracle, Blended, mean and best: of this roster, where its report is there."""
        report = self._report()
        sentences = f"{_of(report, texts)} {verdicts.blended(report, verdict_texts(texts))}"
        return SectionContent(sentences, scaling_figures.between(report, texts))

    def _report(self, shipped: str = "") -> ScalingReport:
        return measured_report.load(self.site.roster, "law", ScalingReport, shipped)


def _of(report: ScalingReport, texts: Texts) -> str:
    return texts(
        "insights.law.of",
        title=report.title,
        n=len(report.members),
        replies=report.replies,
        conversations=report.conversations,
    )


def verdict_texts(texts: Texts) -> verdicts.Say:
    """The verdicts' sentences in a language, with what in them is written in English: the kinds of
    pools and pairs, and the reasons of the fits. Names stay as they are."""
    translate = {**dict.fromkeys(KINDS, _kind), **dict.fromkeys(REASONS, _reason)}

    def say(name: str, /, **values: object) -> str:
        translated = {
            key: translate[key](value, texts)
            for key, value in values.items()
            if key in translate and isinstance(value, str)
        }
        return texts(f"law.{name}", **values | translated)

    return say


def _reason(sentence: str, texts: Texts) -> str:
    return texts.translated(sentence)


def _kind(name: str, texts: Texts) -> str:
    """A kind of pools or pairs: one of the report's own, or two families, "a and b"."""
    known = texts.translated(name)
    return known if known != name else texts.listed(name.split(" and "))


def _table(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[str]], texts: Texts
) -> SectionTable:
    """A table of the report, whose kinds of pools and pairs are in the first column."""
    heads = [texts(f"law.{name}.{n}") for n in range(1, len(columns) + 1)]
    return SectionTable(heads, [[_kind(kind, texts), *rest] for kind, *rest in rows])
