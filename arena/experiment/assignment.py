"""Whose replies a visitor gets: the experiment's arm, the host's preview, or everybody's blend."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assignment:
    """The contender that writes, and how it is noted.

    exposure: experiment and arm, None where there is none. preview: the host is looking; what is
    said then is kept, but is no visit.
    """

    contender: str
    exposure: tuple[str, str] | None = None
    preview: bool = False


def preview_arm(contenders: Collection[str], arm: str, host: bool) -> str:
    """The contender that a page with ?arm=… shows to the host; empty for anything else."""
    return arm if host and arm in contenders else ""
