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
    return "" if pair.own is None else _bold(f"{pair.own:.0%}", pair.found)


def _drift(cell: HandoffCell) -> str:
    return "own" if cell.drift is None else _bold(f"{cell.drift:+.4f}", cell.found)


def _effect(each: HandoffEffect) -> str:
    return _bold(f"{each.effect:+.4f}", each.found)


def _bold(figure: str, found: bool) -> str:
    return f"**{figure}**" if found else figure
