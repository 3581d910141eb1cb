"""What is measured: the members of a roster or random ones, loaded, and the blend of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from blend import crew
from blend.bench import shapes
from blend.members import Member
from blend.roster import BlendSpec, MemberSpec, read


@dataclass(frozen=True, slots=True)
class Stage:
    """What is measured: the members, loaded, and the blend of them, where they are several.

    specs: how the members were loaded, where that was from a roster.
    """

    title: str
    members: dict[str, Member]
    blend: BlendSpec | None
    specs: tuple[MemberSpec, ...]
    threads: int


def load(name: str, configs: Sequence[str]) -> Stage:
    """The blend of a roster, or of random weights in these shapes.

    Raises RosterError, MemberError and SamplingError.
    """
    import torch

    if configs:
        members = _shaped(configs)
        names, specs, title = tuple(members), (), ", ".join(configs)
        blend = BlendSpec("Blended", names) if len(names) > 1 else None
    else:
        roster = read(name)
        focus = next(spec for spec in roster.blends if spec.name == roster.focus)
        specs = tuple(m for m in roster.members if m.name in focus.members)
        members, title = crew.load(specs), roster.title
        blend = focus if len(specs) > 1 else None
        if len(specs) > 1:  # as their processes have it, for what is measured here beside them
            torch.set_num_threads(1)
    for member in members.values():
        if hasattr(member, "ends"):  # replies of one length: whoever says less is not faster
            member.ends = frozenset()
    return Stage(title, members, blend, specs, torch.get_num_threads())


def _shaped(configs: Sequence[str]) -> dict[str, Member]:
    from tqdm import tqdm

    members: dict[str, Member] = {}
    threads = 1 if len(configs) > 1 else None
    for shape in tqdm(configs, desc="making random weights", leave=False):
        same = sum(name.partition(" ")[0] == shape for name in members)
        name = f"{shape} {same + 1}" if same else shape
        members[name] = shapes.member(name, shape, threads)
    return members
