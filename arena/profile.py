"""What a contender is, in words: its members, who draws them, their settings. For the board."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from arena.exposure import Exposure
from arena.notes import listed
from arena.records import Contender

POLICIES = {
    "uniform": "all with the same chance",
    "weighted": "in proportion to weights",
    "no-repeat": "never the one that wrote the last",
    "round-robin": "in turn",
    "thompson": "by thumbs and votes so far",
    "learned": "by a policy fitted on logged turns",
}
"""How the next reply's member is drawn, by name of the policy."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A contender on the board. up: whether it can be drawn now. config: all that changes its
    replies, as it was when it fought."""

    id: str
    name: str
    up: bool
    exposure: Exposure
    config: Mapping[str, object]

    @property
    def members(self) -> tuple[str, ...]:
        """Names of who writes for it; none where that is not known, as with imported votes."""
        return tuple(member["name"] for member in self.config.get("members", ()))

    @property
    def policy(self) -> str:
        """The name of what draws its members."""
        policy = self.config.get("policy", "uniform")
        return policy if isinstance(policy, str) else policy["name"]

    @property
    def sentence(self) -> str:
        """What it is, in a sentence."""
        members = self.config.get("members", ())
        if self.config.get("source") == "imported":
            return "Known by its name only: its votes come from another arena."
        if self.config.get("simulated") and not members:
            return "Made up, of a known strength."
        if not members:
            return "What it is made of was not noted."
        if "of" in members[0]:
            return f"{len(members)} copies of {members[0]['of']}, and only the draws of a blend."
        if len(members) == 1:
            return "A single model."
        drawn = POLICIES.get(self.policy, self.policy)
        return f"A blend of {listed(self.members)}, drawn for each reply {drawn} ({self.policy})."

    @property
    def settings(self) -> tuple[tuple[str, str], ...]:
        """(member, its weights and settings) for each."""
        return tuple((m["name"], _settings(m)) for m in self.config.get("members", ()))


def profiled(
    contender: Contender, label: str, up: bool, exposure: Exposure | None = None
) -> Profile:
    """The profile under its name on the board."""
    return Profile(contender.id, label, up, exposure or Exposure(), contender.config)


def _settings(member: Mapping[str, object]) -> str:
    told = {k: v for k, v in member.items() if k not in ("name", "copy", "of", "weights")}
    told |= told.pop("sampling", {}) or {}
    said = [f"weights {str(member.get('weights', 'not noted'))[:12]}"]
    said += [
        f"{key} {value if isinstance(value, int | float | str) else json.dumps(value)}"
        for key, value in told.items()
        if value not in (None, "", [], ())
    ]
    return ", ".join(said)
