"""The settings of a continuous-batching manager: whether a model can have one, and its memory."""

import math
from typing import TYPE_CHECKING

from blend.members import MemberError
from blend.members.local import devices
from blend.members.local import memory as sizes

if TYPE_CHECKING:
    from transformers import ContinuousBatchingConfig, PreTrainedModel

CONVERSATIONS = 16
"""Conversations of a whole window that the cache holds at once, where the roster says nothing."""
CPU_STEP_TOKENS = 512
"""Tokens read in one step on a CPU: longer steps read faster, and running replies wait for them."""


def refuse_unless_paged(name: str, model: "PreTrainedModel") -> None:
    """Raise MemberError, with the mend, for a model that no manager can serve."""
    if not model.is_backend_compatible():
        kind = model.config.model_type
        raise MemberError(name, f'{kind} has no paged attention: give it engine = "generate"')
    places = {str(place) for place in getattr(model, "hf_device_map", {}).values()}
    if len(places) > 1:
        reason = f"its weights lie on {', '.join(sorted(places))} and its pages on one"
        raise MemberError(name, f'{reason}: give it engine = "generate", or one `device`')


def batching_config(
    name: str, model: "PreTrainedModel", window: int, memory: float | None, programs: bool = False
) -> "ContinuousBatchingConfig":
    """The manager's settings. On a CPU it would take gigabytes for a cache without a size.

    memory: gigabytes for both caches, the page's and the programs'. programs: whether this is the
    programs' manager, where no request finds what another has read.
    """
    from transformers import ContinuousBatchingConfig

    config, cuda = model.config.get_text_config(), model.device.type == "cuda"
    page = 256 if cuda else 32  # short pages share more; flash attention wants them long
    token = sizes.estimate(config, model.dtype.itemsize).kv_per_token
    block, least = page * token, math.ceil(window / page)
    pages = int(_cache_bytes(name, model, window * token, memory) // block)
    program_pages = max(least, pages // sizes.PROGRAM_PARTS)
    if pages < 2 * least:
        need = f"its window needs {2 * least * block / 1e9:.3g} GB, for the page and for programs"
        raise MemberError(name, f"memory {memory} GB is too little: {need}")
    part = sizes.PROGRAM_PARTS if programs else 1
    return ContinuousBatchingConfig(
        page_size=page,
        num_blocks=program_pages if programs else pages - program_pages,
        max_batch_tokens=sizes.MAX_STEP_TOKENS // part if cuda else CPU_STEP_TOKENS,
        max_requests_per_batch=sizes.MAX_STEP_REQUESTS // part if cuda else None,
        max_memory_percent=1.0 if cuda else None,  # the memory was shared out before
        allow_block_sharing=not programs,
        per_request_processors=True,
        use_async_batching=None if cuda else False,
        use_cuda_graph=None if cuda else False,
    )


def _cache_bytes(name: str, model: "PreTrainedModel", window: float, memory: float | None) -> float:
    """Bytes for the caches of a model. window: bytes of a full one. Raises MemberError where there
    are not so many."""
    place = str(model.device)
    there = devices.free_memory(place)
    limit = there / 2 if model.device.type == "cuda" else 1e9
    wanted = max(min((CONVERSATIONS + 1) * window, limit), sizes.MIN_WINDOWS * window)
    size = memory * 1e9 if memory else wanted
    if there is not None and size > there:
        reason = f"its cache needs {size / 1e9:,.1f} GB and {place} has {there / 1e9:,.1f} GB free"
        raise MemberError(name, f"{reason}: lower its `memory` or its `window`")
    return size
