"""The hand-off matrix as a page of Markdown, and its tables."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jinja2 import Environment

from blend.scaling.handoff import verdicts
from blend.scaling.handoff.report import (
    PEOPLE,
    HandoffCell,
    HandoffEffect,
    HandoffReport,
    PairPreference,
)

Cell = TypeVar("Cell")

TEMPLATE = Path(__file__).parents[3] / "assets" / "handoff" / "report.md.jinja"


def markdown(report: HandoffReport, picture: bool) -> str:
    """The whole report; with the picture that lies beside it."""
    environment = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        report=report,
        picture=picture,
        verdict=verdicts.matrix(report),
        effects=verdicts.effects(report),
        matrix=matrix(report, _drift),
        losses=matrix(report, lambda cell: f"{cell.loss:.3f}"),
        effect=_effect,
        pairs=[cell for cell in report.cells if cell.rest],
        people=PEOPLE,
        judged=report.preferences and verdicts.judged(report.preferences),
        preferred=preference_matrix(report, _share, "own") if report.preferences else [],
    )


def matrix(report: HandoffReport, write: Callable[[HandoffCell], Cell]) -> list[list[str | Cell]]:
    """A row for each that wrote the earlier replies, with a cell for each that goes on."""
    at = {(cell.earlier, cell.later): cell for cell in report.cells}
    names = (*report.members, PEOPLE)
    return [[a, *(write(at[a, b]) for b in report.members)] for a in names]


def preference_matrix(
    report: HandoffReport, write: Callable[[PairPreference], Cell], own: Cell
) -> list[list[str | Cell]]:
    """The same of what a judge prefers. own: what stands where nobody hands off."""
    at = {(pair.earlier, pair.later): pair for pair in report.preferences.pairs}
    return [
        [a, *(write(at[a, b]) if (a, b) in at else own for b in report.members)]
        for a in report.members
    ]


def _share(pair: PairPreference) -> str:
    """Bold where it is found."""
    if pair.own is None:
        return ""
    return f"**{pair.own:.0%}**" if pair.found else f"{pair.own:.0%}"


def _drift(cell: HandoffCell) -> str:
    """Bold where it is found."""
    if cell.drift is None:
        return "own"
    return f"**{cell.drift:+.4f}**" if cell.found else f"{cell.drift:+.4f}"


def _effect(each: HandoffEffect) -> str:
    return f"**{each.effect:+.4f}**" if each.found else f"{each.effect:+.4f}"
