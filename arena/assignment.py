"""Whose replies a visitor gets: the experiment's arm, the host's preview, or everybody's blend."""

from dataclasses import dataclass

from blend.roster import Roster


@dataclass(frozen=True, slots=True)
class Assignment:
    """The contender that writes, and how it is noted.

    exposure: experiment and arm, None where there is none. preview: the host is looking; what is
    said then is kept, but is no visit.
    """

    contender: str
    exposure: tuple[str, str] | None = None
    preview: bool = False


def assigned(roster: Roster, visitor: str, preview: str = "") -> Assignment:
    """The visitor's assignment; the same one for the same id, always and everywhere.

    preview: a contender's name that `previewed` let pass, or empty.
    """
    if preview:
        return Assignment(preview, preview=True)
    if roster.experiment is None:
        return Assignment(roster.focus)
    arm = roster.experiment.arm(visitor)
    return Assignment(arm, (roster.experiment.name, arm))


def previewed(roster: Roster, arm: str, host: bool) -> str:
    """The contender that a page with ?arm=… shows to the host; empty for anything else."""
    return arm if host and arm in {spec.name for spec in roster.contenders} else ""
