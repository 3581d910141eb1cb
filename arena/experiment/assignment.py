"""Whose replies a visitor gets: the experiment's arm, the host's preview, or everybody's blend."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Assignment:
    """The contender that writes, and how it is noted.

    exposure: experiment and arm, None where there is none. preview: the host is looking; what is
    said then is kept, but is no visit.
    """

    contender: str
    exposure: tuple[str, str] | None = None
    preview: bool = False


class ArmDraw(Protocol):
    """Gives each visitor one arm, always the same; see `blend.roster.experiment.Experiment`."""

    @property
    def name(self) -> str: ...

    def arm(self, visitor: str) -> str: ...


def assign(focus: str, experiment: ArmDraw | None, visitor: str, preview: str = "") -> Assignment:
    """The visitor's assignment; the same one for the same id, always and everywhere.

    focus: whose replies everybody gets where there is no experiment. preview: a contender's name
    that `preview_arm` let pass, or empty.
    """
    if preview:
        return Assignment(preview, preview=True)
    if experiment is None:
        return Assignment(focus)
    arm = experiment.arm(visitor)
    return Assignment(arm, (experiment.name, arm))


def preview_arm(contenders: Collection[str], arm: str, host: bool) -> str:
    """The contender that a page with ?arm=… shows to the host; empty for anything else."""
    return arm if host and arm in contenders else ""
