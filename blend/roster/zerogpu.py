"""A roster's members on ZeroGPU: loaded before the page opens, to answer on a GPU that is lent."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace

from blend.members import Member, MemberError
from blend.members.gpu_call import GpuLease
from blend.members.zerogpu import ZeroGpu
from blend.roster.gpu_memory import LOCAL_ENGINES
from blend.roster.loading import load_all
from blend.roster.specs import BlendSpec, MemberSpec

PARTS = {"panel": "draft", "per_sentence": "sentence"}
"""What more than one member writes of a reply, by policy."""


def load_for_zerogpu(
    specs: Sequence[MemberSpec], lent: GpuLease
) -> Generator[tuple[MemberSpec, Member], None, None]:
    """The members as `load_all` gives them; those that run here write on the GPU.

    One that says `paged` is run by `generate`: no thread may run beside a call. One that says
    device = "cpu" stays on the CPU and needs no call. Raises MemberError.
    """
    wanted = {spec.name: spec for spec in specs}
    with closing(load_all([_prepared(spec) for spec in specs])) as coming:
        for spec, member in coming:
            if _is_lent(wanted[spec.name]):
                member.model.to(lent.device)
                member = ZeroGpu(member, lent)
            yield wanted[spec.name], member


def check_blends(blends: Sequence[BlendSpec], specs: Sequence[MemberSpec]) -> None:
    """Raise MemberError for a blend of these members that would take many GPU calls for a reply."""
    lent = {spec.name for spec in specs if _is_lent(spec)}
    for blend in blends:
        if blend.policy in PARTS and lent.intersection(blend.needs):
            reason = f"{blend.policy} would take a GPU call for each {PARTS[blend.policy]}"
            raise MemberError(blend.name, f"{reason}: give it another policy")


def _is_lent(spec: MemberSpec) -> bool:
    """Whether it writes on a GPU that is lent."""
    return spec.engine in LOCAL_ENGINES and spec.options.get("device") != "cpu"


def _prepared(spec: MemberSpec) -> MemberSpec:
    """The spec as it is loaded: on the CPU, from where the forks take it."""
    if not _is_lent(spec):
        return spec
    for key in ("quantise", "device_map"):
        if key in spec.options:
            raise MemberError(spec.name, f"{key} cannot be had on ZeroGPU: remove it")
    if spec.best_of is not None:
        raise MemberError(spec.name, "best_of would take a GPU call for each candidate: remove it")
    options = {"dtype": "auto"} | dict(spec.options) | {"device": "cpu"}
    return replace(spec, engine="generate", options=options)
