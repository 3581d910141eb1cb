"""A report that a command measured before: the host's, or one that comes with the project."""

from pathlib import Path
from typing import TypeVar

from arena.pages.insights.section import TooEarly
from blend.command_line import CommandError
from blend.roster import Roster
from blend.scaling import measurement

ASSETS = Path(__file__).parents[3] / "assets"
Report = TypeVar("Report")


def load(roster: Roster, command: str, kind: type[Report], shipped: str = "") -> Report:
    """The report of `python -m blend` and that command whose folder the roster names; else the
    shipped one of that name, or of the roster's own. Raises TooEarly where there is none."""
    own = getattr(roster, command)
    folder = own or ASSETS / command / (shipped or roster.path.stem)
    try:
        return measurement.load(folder / "report.json", kind, command)
    except CommandError as error:
        why = "unread_report" if own else "unmeasured"
        raise TooEarly(why, error=error, command=command) from None
