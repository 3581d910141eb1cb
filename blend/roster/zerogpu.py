"""A roster's members on ZeroGPU: loaded before the page opens, to answer on a GPU that is lent."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace

from blend.members import Member, MemberError
from blend.members.gpu_call import GpuLease
from blend.members.local.generate import Generate
from blend.members.zerogpu import ZeroGpu
from blend.roster.gpu_memory import LOCAL_ENGINES
from blend.roster.loading import load_all
from blend.roster.specs import BlendSpec, MemberSpec


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
            if isinstance(member, Generate) and wanted[spec.name].options.get("device") != "cpu":
                member.model.to(lent.device)
                member = ZeroGpu(member, lent)
            yield wanted[spec.name], member


def check_blends(blends: Sequence[BlendSpec]) -> None:
    """Raise MemberError for a blend that cannot be had there."""
    for blend in blends:
        if blend.judge:
            mend = "give it a policy that draws"
            raise MemberError(blend.name, f"a panel would take a GPU call for each draft: {mend}")


def _prepared(spec: MemberSpec) -> MemberSpec:
    """The spec as it is loaded: on the CPU, from where the forks take it."""
    if spec.engine not in LOCAL_ENGINES or spec.options.get("device") == "cpu":
        return spec
    for key in ("quantise", "device_map"):
        if key in spec.options:
            raise MemberError(spec.name, f"{key} cannot be had on ZeroGPU: remove it")
    if spec.best_of is not None:
        raise MemberError(spec.name, "best_of would take a GPU call for each candidate: remove it")
    options = {"dtype": "auto"} | dict(spec.options) | {"device": "cpu"}
    return replace(spec, engine="generate", options=options)
