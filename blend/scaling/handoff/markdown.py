"""The hand-off matrix as a page of Markdown, with a sentence that reads it."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment

from blend.evaluation.resample import Estimate
from blend.scaling.handoff.report import PEOPLE, HandoffCell, HandoffReport

TEMPLATE = Path(__file__).parents[3] / "assets" / "law" / "handoff.md.jinja"


def markdown(report: HandoffReport, picture: bool) -> str:
    """The whole report; with the picture that lies beside it."""
    environment = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        report=report,
        picture=picture,
        verdict=verdict(report),
        matrix=matrix(report, _drift),
        losses=matrix(report, lambda cell: f"{cell.loss:.3f}"),
        pairs=[cell for cell in report.cells if cell.rest],
        people=PEOPLE,
    )


def verdict(report: HandoffReport) -> str:
    """What a hand-off costs on average, and which pairs differ."""
    if _apart(report.mean):
        change = "costs" if report.mean.value > 0 else "gains"
        first = f"A hand-off from one member to another {change} {_size(report.mean)} bits per byte"
    else:
        first = (
            "Whether a hand-off from one member to another costs anything cannot be told: "
            f"{report.mean:+.4f} bits per byte"
        )
    drifts = [cell for cell in report.cells if cell.drift and cell.earlier != PEOPLE]
    found = sorted((c for c in drifts if c.found), key=lambda cell: cell.drift.value)
    if not found:
        return f"{first}, on average. Of {len(drifts)} pairs, none differs clearly."
    costs = sum(cell.drift.value > 0 for cell in found)
    last = "".join(
        f" It costs most where {c.later} follows {c.earlier}." for c in found[-1:] if costs
    )
    counts = f"it clearly costs in {costs} and gains in {len(found) - costs}"
    return f"{first}, on average. Of {len(drifts)} pairs, {counts}.{last}"


def matrix(report: HandoffReport, write: Callable[[HandoffCell], str]) -> list[list[str]]:
    """A row for each that wrote the earlier replies, with a cell for each that goes on."""
    at = {(cell.earlier, cell.later): cell for cell in report.cells}
    names = (*report.members, PEOPLE)
    return [[a, *(write(at[a, b]) for b in report.members)] for a in names]


def _drift(cell: HandoffCell) -> str:
    """Bold where it is found."""
    if cell.drift is None:
        return "own"
    return f"**{cell.drift:+.4f}**" if cell.found else f"{cell.drift:+.4f}"


def _apart(each: Estimate) -> bool:
    return each.low > 0 or each.high < 0


def _size(each: Estimate) -> str:
    """The same, seen from the side on which it is positive."""
    positive = each if each.value > 0 else Estimate(-each.value, -each.high, -each.low)
    return f"{positive:.4f}"
