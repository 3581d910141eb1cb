"""The hand-off matrix: what going on after another member's replies costs, and whose doing it is.

The figures show a report of `python -m blend handoff`: the one that the roster names as `handoff`,
or the one that comes with the roster. Nothing is measured while the page is shown.
"""

from functools import partial

from arena.pages import figures
from arena.pages.insights import measured_report
from arena.pages.insights.handoff_figures import HeatCell, heat_map, marked
from arena.pages.insights.section import SectionContent, SectionTable, TooEarly
from arena.site.site import Site
from arena.texts import ENGLISH, Texts
from blend.scaling.handoff import markdown, verdicts
from blend.scaling.handoff.report import (
    PEOPLE,
    HandoffCell,
    HandoffEffect,
    HandoffReport,
    PairPreference,
)


class HandoffSections:
    """All answers over one site."""

    def __init__(self, site: Site):
        self.site = site

    def matrix(self, texts: Texts = ENGLISH) -> SectionContent:
        """What each pair's hand-off costs."""
        report = self._report()
        of = {"n": len(report.members), "replies": report.replies}
        sentences = [
            texts("insights.law.of", title=report.title, conversations=report.conversations, **of),
            verdicts.matrix(report, _say(texts)),
            texts("insights.handoff.marked"),
            *map(texts.translated, report.notes),
        ]
        axis = texts("handoff.axis", unit=texts("law.gain_unit"))
        cells = markdown.matrix(report, partial(_cost, texts))
        return _matrix(" ".join(sentences), cells, report, axis, texts)

    def effects(self, texts: Texts = ENGLISH) -> SectionContent:
        """How much of it each member does as the earlier one, and suffers as the later one."""
        report = self._report()
        known = self.site.roster.colours | {texts("handoff.people"): figures.GREY}
        colours = figures.colours([*report.members, texts("handoff.people")], known)
        panels = [report.earlier, report.later]
        titles = [texts("handoff.effect_earlier"), texts("handoff.effect_later")]
        figure = figures.new_figure(130 + 48 * sum(map(len, panels)), titles)
        for row, effects in enumerate(panels, start=1):
            rows = [(_name(each.name, texts), each.effect) for each in effects]
            figures.add_intervals(figure, rows, colours, texts, row=row, col=1)
        figure.update_xaxes(title_text=texts("law.unit"), row=len(panels), col=1)
        later = {each.name: each for each in report.later}
        rows = [
            (_name(each.name, texts), _effect(each, texts), _effect(later.get(each.name), texts))
            for each in report.earlier
        ]
        table = SectionTable([texts("handoff.member"), *titles], rows)
        marked = texts("insights.handoff-effects.marked")
        return SectionContent(f"{verdicts.effects(report, _say(texts))} {marked}", figure, table)

    def judged(self, texts: Texts = ENGLISH) -> SectionContent:
        """How often a judge prefers what is said without a hand-off."""
        report = self._report()
        if report.preferences is None:
            raise TooEarly("not_judged")
        words = verdicts.judged(report.preferences, _say(texts))
        sentence = f"{words} {texts('insights.handoff-judge.marked')}"
        cells = markdown.preference_matrix(report, partial(_preferred, texts), _own(texts))
        return _matrix(sentence, cells, report, texts("handoff.judge_axis"), texts)

    def _report(self) -> HandoffReport:
        return measured_report.load(self.site.roster, "handoff", HandoffReport)


def _matrix(
    sentence: str, cells: list[list], report: HandoffReport, axis: str, texts: Texts
) -> SectionContent:
    """A matrix as a figure and as a table. cells: of each row its name, then its cells."""
    rows = [(_name(earlier, texts), row) for earlier, *row in cells]
    heads = [texts("handoff.goes_on", name=name) for name in report.members]
    written = [[name, *(cell.written for cell in row)] for name, row in rows]
    table = SectionTable([texts("handoff.earlier"), *heads], written)
    after = [(texts("handoff.after", name=name), row) for name, row in rows]
    return SectionContent(sentence, heat_map(after, report.members, axis), table)


def _own(texts: Texts) -> HeatCell:
    """Where nobody hands off."""
    return HeatCell(0.0, texts("handoff.own"), texts("handoff.own"))


def _cost(texts: Texts, cell: HandoffCell) -> HeatCell:
    """In bits per 1,000 bytes; in the table per byte, as everywhere."""
    if cell.drift is None:
        return _own(texts)
    thousand = 1000 * cell.drift.value
    short = texts.written(thousand, "+.0f" if abs(thousand) >= 9.95 else "+.1f")
    return HeatCell(thousand, short, texts.written(cell.drift, "+.4f"), cell.found)


def _preferred(texts: Texts, pair: PairPreference) -> HeatCell:
    """How often own replies are preferred; the more, the more a hand-off costs."""
    if pair.own is None:
        return HeatCell(0.0, "", "")
    written = texts.written(pair.own, ".0%")
    return HeatCell(pair.own.value - 0.5, texts.percent(pair.own.value), written, pair.found)


def _effect(each: HandoffEffect | None, texts: Texts) -> str:
    """Marked as in the matrix."""
    return marked(texts.written(each.effect, "+.4f"), each.found) if each else ""


def _name(name: str, texts: Texts) -> str:
    """A member's name, or what people are called."""
    return texts("handoff.people") if name == PEOPLE else name


def _say(texts: Texts) -> verdicts.Say:
    return lambda name, /, **values: texts(f"handoff.{name}", **values)
