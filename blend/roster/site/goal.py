"""A goal that the host sets: so many votes that count, by a day or without one."""

from dataclasses import dataclass
from datetime import date, datetime

from blend.roster.fields import RosterError, check_keys

TABLE = {"votes": int, "until": (str, date)}
WHERE = "the [goal] table"


@dataclass(frozen=True, slots=True)
class Goal:
    """votes: of this site that count. until: the last day (UTC) that is meant for it, if any."""

    votes: int
    until: date | None = None


def read_goal(table: dict) -> Goal:
    """The [goal] table of a roster. Raises RosterError."""
    check_keys(table, TABLE, WHERE)
    votes = table.get("votes", 0)
    if votes < 1:
        raise RosterError(f"{WHERE} needs the number of votes, as in votes = 1000")
    return Goal(votes, _day(table["until"]) if "until" in table else None)


def _day(until: str | date) -> date:
    """The day, written as TOML's own date or as a text."""
    if isinstance(until, date) and not isinstance(until, datetime):
        return until
    try:
        return date.fromisoformat(until)
    except (TypeError, ValueError):
        reason = f"until cannot be {str(until)!r}: give a day of the calendar"
        raise RosterError(f'{WHERE}: {reason}, as in until = "2027-06-01"') from None
