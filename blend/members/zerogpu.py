"""ZeroGPU, where a GPU is lent for the length of one call: one for each turn of chat or battle."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, replace

from blend.members import Sampling
from blend.members.gpu_call import CALL_SLOT, BatchedCall, GpuLease
from blend.members.local.generate import Generate
from blend.message import Message


def is_zerogpu(environ: Mapping[str, str]) -> bool:
    """Whether this is a Space on ZeroGPU."""
    return environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


class ZeroGpu:
    """A member whose replies are written on the GPU that is lent. Nothing is read ahead."""

    device = "ZeroGPU"

    def __init__(self, core: Generate, lease: GpuLease):
        self.name = core.name
        self.sampling = core.sampling
        self.honours = core.honours
        self.digest = core.digest
        self.parameters = core.parameters
        self.measure = core.measure
        self.aclose = core.aclose
        self._core = core
        self._lease = lease
        lease.cores[core.name] = core

    @property
    def down(self) -> str | None:
        return self._core.down

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        # A call is paid for by the tokens that it may write.
        most = min(sampling.max_tokens, self._core.template.window)
        settings = asdict(replace(sampling, max_tokens=most))
        request = self.name, [(m.role, m.text) for m in messages], settings
        call, side = CALL_SLOT.get() or (BatchedCall(self._lease, 1), "chat")
        return call.stream(side, request)

    async def warm(self, messages: Sequence[Message]) -> None:
        """Nothing: no cache outlives a call, and a call costs the visitor's quota."""
