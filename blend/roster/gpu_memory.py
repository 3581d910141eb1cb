"""How much of each GPU's memory a roster's members get: those loaded here, and own servers."""

from collections import defaultdict
from collections.abc import Sequence

from blend.members import MemberError, hub_files
from blend.members.local import devices, memory
from blend.members.local.checkpoint import Checkpoint
from blend.members.local.memory import DeviceShare, MemoryEstimate
from blend.members.local.weights import LOAD_ERRORS
from blend.members.served.serve import ServeCommand
from blend.roster.specs import MemberSpec

LOCAL_ENGINES = ("transformers", "paged", "generate")
"""The engines that load a model into this machine's memory."""


def share_gpus(specs: Sequence[MemberSpec]) -> dict[str, float | DeviceShare]:
    """Gigabytes of cache for each member on a CUDA device, and the share of each server there;
    nothing is said of others."""
    sizes: dict[str, dict[str, MemoryEstimate]] = defaultdict(dict)
    for spec in specs:
        if spec.engine in LOCAL_ENGINES or _own(spec):
            try:
                device = _device(spec)
                if device.startswith("cuda") and "device_map" not in spec.options:
                    sizes["cuda:0" if device == "cuda" else device][spec.name] = _size(spec, device)
            except LOAD_ERRORS as error:
                raise MemberError(spec.name, f"cannot be loaded: {error}") from error
    requested = {s.name: s.options["memory"] for s in specs if "memory" in s.options}
    servers = {s.name for s in specs if _own(s)}
    shared: dict[str, float | DeviceShare] = {}
    for device, those in sizes.items():
        kept = {name: requested[name] for name in those.keys() & requested.keys()}
        try:
            caches = memory.allocate_cache(devices.free_memory(device), those, kept)
        except MemoryError as error:
            largest = max(those, key=lambda name: those[name].weights)
            raise MemberError(largest, str(error)) from error
        for name, size in those.items():
            if name in servers:
                lasting = size.weights + 1e9 * caches.get(name, 0.0)
                shared[name] = DeviceShare(device, lasting + size.workspace, lasting)
            elif name in caches:
                shared[name] = caches[name]
    return shared


def _size(spec: MemberSpec, device: str) -> MemoryEstimate:
    """What its weights and its cache take there."""
    how = {key: spec.options.get(key) for key in ("dtype", "quantise", "window")}
    if _own(spec):
        how["window"] = spec.options["address"].window
    source, revision = spec.path or spec.model, spec.revision or None
    if file := spec.options.get("file"):
        source = str(hub_files.fetch_gguf(spec.name, source, file, revision))
    return devices.estimate_memory(Checkpoint.locate(source, revision), device, **how)


def _device(spec: MemberSpec) -> str:
    """Where its weights are to lie. Raises ValueError where that is not here."""
    own = _own(spec)
    device = devices.resolve_device(own.device or None if own else spec.options.get("device"))
    if own and not device.startswith("cuda"):
        raise ValueError("its `serve` asks for a share of a GPU's memory, and there is no GPU")
    return device


def _own(spec: MemberSpec) -> ServeCommand | None:
    """The server that is started for it and wants to know its share of a GPU."""
    serve = spec.options["address"].serve if spec.engine == "remote" else None
    return serve if serve and serve.shares_memory else None
