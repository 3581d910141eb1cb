"""A blend taken apart: without one member, of some of them, of copies of one.

Blending Is All You Need (arXiv 2401.02994) leaves open how many members to blend, and whether a
blend is more than variety. Each part is a contender like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from blend.roster.fields import TEXTS, RosterError, check_keys, did_you_mean
from blend.roster.specs import BlendSpec

TABLE = {"of": str, "leave_one_out": bool, "subsets": int, "copies": int, "copied": TEXTS}
WHERE = "[ablation]"
MOST = 100
"""Contenders at most: with more, none of them would ever have votes enough."""
OF_ALL = {"learned": "policy fitted for", "sequence": "pattern of"}
"""Policies that some of the members cannot draw by, and what they are."""


@dataclass(frozen=True, slots=True)
class Ablation:
    """What is made of the blend `of`.

    subsets: every subset of its members up to this size, 0 for none; subsets of one are its members
    alone, which fight anyway. copies: of each of `copied` alone, that many under as many names.
    """

    of: str
    leave_one_out: bool = False
    subsets: int = 0
    copies: int = 0
    copied: tuple[str, ...] = ()

    def contenders(self, blends: Sequence[BlendSpec]) -> tuple[BlendSpec, ...]:
        """What fights besides `blends` and the single members; no set of members twice."""
        whole = next(blend for blend in blends if blend.name == self.of)
        names, known = whole.members, {frozenset(b.members) for b in blends if _alike(b, whole)}
        without = names if self.leave_one_out else ()
        parts = [(set(names) - {name}, f"{whole.name} without {name}") for name in without]
        for size in range(2, self.subsets + 1):
            parts += [(set(some), " + ".join(some)) for some in combinations(names, size)]
        new: list[BlendSpec] = []
        for members, name in parts:
            if len(members) > 1 and frozenset(members) not in known:
                known.add(frozenset(members))
                new.append(_part(whole, members, name))
        return (*new, *(_copies(name, self.copies) for name in self.copied))


def read_ablation(table: dict, blends: Sequence[BlendSpec], focus: str) -> Ablation:
    """The [ablation] table of a roster with these blends. Raises RosterError."""
    check_keys(table, TABLE, WHERE)
    of = {blend.name: blend for blend in blends}
    name = table.get("of", focus)
    if name not in of:
        raise RosterError(f"{WHERE}: no blend {name!r}{did_you_mean(name, of)}")
    whole = of[name]
    if whole.policy in OF_ALL:
        raise RosterError(
            f"{WHERE}: {name!r} draws by a {OF_ALL[whole.policy]} all of its members: take apart "
            "one that draws by another, with `of`"
        )
    size, copies = table.get("subsets", 0), table.get("copies", 0)
    if not 0 <= size <= len(whole.members):
        raise RosterError(f"{WHERE}: subsets must lie between 0 and {len(whole.members)}")
    if copies < 0 or copies == 1:
        raise RosterError(f"{WHERE}: copies must be 0 or at least 2, not {copies}")
    copied = tuple(table.get("copied", whole.members))
    for member in copied:
        if member not in whole.members:
            raise RosterError(f"copied of {WHERE}: no member {member!r} in {name!r}")
    ablation = Ablation(
        name, table.get("leave_one_out", False), size, copies, copied if copies else ()
    )
    parts = len(ablation.contenders(blends))
    if not parts:
        raise RosterError(
            f"{WHERE} makes no contender: set leave_one_out = true, subsets = 2 or copies = 3"
        )
    if parts > MOST:
        raise RosterError(f"{WHERE} makes {parts} contenders, over {MOST}: lower subsets")
    return ablation


def _part(whole: BlendSpec, some: set[str], name: str) -> BlendSpec:
    """The blend of some of the members, in their order, by the same policy."""
    members = tuple(member for member in whole.members if member in some)
    options = dict(whole.options)
    if "weights" in options:
        options["weights"] = {member: options["weights"][member] for member in members}
    return replace(whole, name=name, members=members, options=options, about=f"of {whole.name}")


def _copies(member: str, copies: int) -> BlendSpec:
    about = f"{copies} copies of {member}: the same model, and only the draws of a blend"
    return BlendSpec(f"{copies} × {member}", (member,), about=about, copies=copies)


def _alike(blend: BlendSpec, whole: BlendSpec) -> bool:
    """Whether they draw alike: then the same members are the same blend."""
    here, there = ({k: v for k, v in b.options.items() if k != "weights"} for b in (blend, whole))
    return blend.policy == whole.policy and here == there and not blend.copies
