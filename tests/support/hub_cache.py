"""The cache of huggingface_hub, with one small file in the place of each that members name."""

from collections.abc import Iterable
from pathlib import Path

from blend.roster.specs import MemberSpec


def fill(home: Path, members: Iterable[MemberSpec], stand_in: Path) -> None:
    """As if each member's file had been fetched. home: what HF_HOME names."""
    for member in members:
        place = home / "hub" / f"models--{member.model.replace('/', '--')}"
        at = place / "snapshots" / member.revision / member.options["file"]
        at.parent.mkdir(parents=True)
        at.symlink_to(stand_in)
