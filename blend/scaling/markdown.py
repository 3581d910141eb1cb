"""The report on the law as a page of Markdown, and its tables, which the site shows as well."""

import math
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment

from blend.scaling import verdicts
from blend.scaling.report import ScalingReport
from blend.scaling.verdicts import Say, english

Write = Callable[[object, str], str]
"""Writes a number or an Estimate by Python's format."""

TEMPLATE = Path(__file__).parents[2] / "assets" / "law" / "report.md.jinja"
FIT_COLUMNS = ("kind", "steps", "A", "α", "L_∞", "notes")
PAIR_COLUMNS = (
    "pairs",
    "how many",
    "gain",
    "beyond one family, one size",
    "kept when chosen blindly",
)


def markdown(report: ScalingReport, pictures: bool) -> str:
    """The whole report; with the pictures that lie beside it."""
    environment = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        report=report,
        pictures=pictures,
        words=verdicts,
        limits=verdicts.LIMITS,
        laws={"heads": FIT_COLUMNS, "rows": fit_rows(report)},
        pairs={"heads": PAIR_COLUMNS, "rows": pair_rows(report)},
        log=math.log,
    )


def fit_rows(report: ScalingReport, say: Say = english, write: Write = format) -> list[list[str]]:
    """The rows under FIT_COLUMNS: each kind's fit, or why there is none."""
    rows = []
    for fit in report.fits:
        cells = ["", "", "", say("no_fit_row", reason=fit.reason)]
        if law := fit.law:
            numbers = ((law.scale, ".3f"), (law.exponent, ".2f"), (law.floor, ".3f"))
            cells = [
                *(write(*number) for number in numbers),
                "; ".join(say("note", note=note) for note in law.notes),
            ]
        rows.append([fit.kind, str(len(fit.points)), *cells])
    return rows


def pair_rows(report: ScalingReport, write: Write = format) -> list[list[str]]:
    """The rows under PAIR_COLUMNS: what each kind of pair gains."""
    rows = []
    for kind in report.kinds:
        beyond = write(kind.beyond, "+.4f") if kind.beyond else ""
        numbers = [write(kind.pairs, ",.0f"), write(kind.gain, ".4f"), beyond]
        rows.append([kind.name, *numbers, write(kind.repeatable, "+.4f")])
    return rows
