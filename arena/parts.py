"""What contenders are made of: which are parts of a blend, by what their members were."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.records import Contender


@dataclass(frozen=True, slots=True)
class Part:
    """A contender's make-up. members: what each is, by name and all that changes its replies.
    copies: where it is so many copies of its one member."""

    name: str
    members: frozenset[tuple[str, str]]
    policy: str
    copies: int = 0

    def within(self, whole: "Part") -> bool:
        """Whether it is made of nothing but members of that one."""
        return self.members <= whole.members


Game = Mapping[frozenset, str]
"""The name of the contender of each set of members."""


def parts(contenders: Iterable[Contender], labels: Mapping[str, str]) -> list[Part]:
    """The make-up of the contenders that have a name on the board; others are left out."""
    return [
        _part(labels[each.id], each.config)
        for each in contenders
        if each.id in labels and each.config.get("members")
    ]


def _part(name: str, config: Mapping) -> Part:
    found = set()
    for member in config["members"]:
        told = {k: v for k, v in member.items() if k not in ("name", "copy", "of")}
        if "of" in member:  # a copy is its member, but for its seed
            told["sampling"] = {**told.get("sampling", {}), "seed": None}
        found.add((member.get("of", member["name"]), json.dumps(told, sort_keys=True)))
    policy = config.get("policy", "uniform")
    policy = policy if isinstance(policy, str) else policy["name"]
    copies = len(config["members"]) if "of" in config["members"][0] else 0
    return Part(name, frozenset(found), policy, copies)


def game(whole: Part, rated: Iterable[Part]) -> Game:
    """The sets of the blend's members that fought under its policy, or alone; copies are apart."""
    return {
        part.members: part.name
        for part in rated
        if part.within(whole)
        and not part.copies
        and (len(part.members) == 1 or part.policy == whole.policy)
    } | {whole.members: whole.name}
