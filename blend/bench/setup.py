"""What is measured: the members of a roster or random ones, loaded, and the blend of them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from blend.bench import random_models
from blend.bench.baseline import GenerateBaseline
from blend.bench.direct import DirectLlama
from blend.members import Member
from blend.members.served.llama_cpp import LlamaCpp
from blend.roster import BlendSpec, loading, read


@dataclass(frozen=True, slots=True)
class BenchSetup:
    """What is measured: the members, and the blend of them where they are several.

    baselines: what members are compared with; nothing for a remote or a scripted one. seconds: that
    loading took.
    """

    title: str
    members: dict[str, Member]
    blend: BlendSpec | None
    baselines: tuple[DirectLlama | GenerateBaseline, ...]
    seconds: float


def load(name: str, configs: Sequence[str]) -> BenchSetup:
    """The focus of a roster, or a blend of random weights in these shapes.

    Raises RosterError, MemberError and SamplingError.
    """
    began = time.perf_counter()
    if configs:
        members, title = random_models.load(configs), ", ".join(configs)
        focus = BlendSpec("Blended", tuple(members))
    else:
        roster = read(name)
        focus = next(spec for spec in roster.blends if spec.name == roster.focus)
        members = loading.load_members([m for m in roster.members if m.name in focus.needs])
        title = roster.title
    took, baselines = time.perf_counter() - began, []
    for member in members.values():  # replies of one length: whoever says less is not faster
        if isinstance(member, LlamaCpp):
            member.ignore_eos = True
            baselines.append(DirectLlama(member))
        elif hasattr(member, "ends"):
            member.ends = frozenset()
            baselines += [GenerateBaseline(member)] if getattr(member, "model", None) else []
    blend = focus if len(members) > 1 else None
    return BenchSetup(title, members, blend, tuple(baselines), took)
