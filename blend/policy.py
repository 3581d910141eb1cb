"""A policy says how likely each member is to write the next reply; the engine does the drawing."""

from collections.abc import Sequence
from typing import Protocol

from blend.conversation import Conversation


class Policy(Protocol):
    """P(member | conversation). Pure: the same arguments give the same chances."""

    name: str
    reads_message: bool
    """Whether the chances depend on the visitor's last message: if so, nothing is drawn ahead."""

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        """The chance of each of `members` (those that are up); they sum to one."""


class Uniform:
    """Every member alike, afresh each turn: P(n) = 1/N (arXiv 2401.02994, Algorithm 1)."""

    name = "uniform"
    reads_message = False

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        return {member: 1 / len(members) for member in members}


POLICIES: dict[str, type[Policy]] = {"uniform": Uniform}
