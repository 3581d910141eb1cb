"""Where a model's weights go: which device, which number format, and how much memory they need."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from blend.members import MemberError
from blend.members.local import memory
from blend.members.local.checkpoint import Checkpoint
from blend.members.local.memory import MemoryEstimate

LONGEST_WINDOW = 4096
"""Tokens of the window where the roster gives none and the model was made for more."""
DRIVERS = ("nvidiactl", "nvmap", "dxg", "kfd")
"""What Linux has in /dev for a GPU of torch's: NVIDIA, the same as Tegra or in WSL, and AMD."""


def estimate_memory(
    checkpoint: Checkpoint,
    device: str = "cpu",
    dtype: str | None = None,
    quantise: str | None = None,
    window: int | None = None,
    head: str = "CausalLM",
) -> MemoryEstimate:
    """The memory that the model will need, by its shape, or by its files where they are packed.

    head: see `Checkpoint.model`. Raises OSError or ValueError where there is no such model.
    """
    import torch
    import transformers

    config = checkpoint.config()
    kind = settings(device, dtype, None)["dtype"]
    kind = getattr(torch, kind, None) or config.dtype or torch.float32
    if getattr(config, "quantization_config", None):
        files = checkpoint.folder.glob("*.safetensors") if checkpoint.folder else ()
        needed = float(sum(path.stat().st_size for path in files))
    else:
        with torch.device("meta"):  # shapes only
            model = getattr(transformers, f"AutoModelFor{head}").from_config(config)
        shapes = {name: parameter.shape for name, parameter in model.named_parameters()}
        needed = memory.weight_bytes(shapes, kind.itemsize, quantise)
    tokens = window or _usual_window(config)
    return memory.estimate(config.get_text_config(), kind.itemsize, needed, tokens)


def window_of(name: str, config: Any, asked: int | None) -> int:
    """The tokens that it reads and writes at most. Raises MemberError for more than it can."""
    trained = _trained(config)
    if asked and trained and asked > trained:
        raise MemberError(name, f"window {asked:,} is more than the {trained:,} it was made for")
    return asked or _usual_window(config)


def _usual_window(config: Any) -> int:
    return min(_trained(config) or LONGEST_WINDOW, LONGEST_WINDOW)


def _trained(config: Any) -> int | None:
    return getattr(config.get_text_config(), "max_position_embeddings", None)


def paged_by_default(
    source: str, revision: str | None = None, device: str | None = None, device_map: object = None
) -> bool:
    """Whether a model without an `engine` is `paged`: on a GPU, if it has paged attention.

    Not one that `device_map` spreads, nor one that cannot be found: loading it says why.
    """
    try:
        return (
            device_map is None
            and resolve_device(device).startswith("cuda")
            and paged(source, revision)
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError):
        return False


def paged(source: str, revision: str | None = None) -> bool:
    """Whether a model has paged attention, by its config. Raises OSError or ValueError."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING

    config = Checkpoint.locate(source, revision).config()
    if type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        return False
    kind = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
    layers = set(getattr(config.get_text_config(), "layer_types", None) or ())
    return kind.is_backend_compatible() and layers <= {"full_attention", "sliding_attention"}


def resolve_device(device: str | None) -> str:
    """The device, or the best of this machine. Raises ValueError where it is not here."""
    if device in (None, "cpu") and not accelerated():
        return "cpu"
    import torch

    best = "mps" if torch.backends.mps.is_available() else "cpu"
    best = "cuda" if torch.cuda.is_available() else best
    if device is None:
        return best
    try:
        parsed = torch.device(device)
    except RuntimeError:
        raise ValueError(f"device {device!r} is none: write cpu, cuda, cuda:1 or mps") from None
    count = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": torch.mps.device_count()}
    if (parsed.index or 0) >= count.get(parsed.type, 1):
        raise ValueError(f"device {device!r} is not on this machine: its best is {best}")
    return device


def accelerated() -> bool:
    """Whether there may be another device than the CPU; torch, which can tell, loads slowly."""
    return sys.platform != "linux" or any(Path("/dev", file).exists() for file in DRIVERS)


def free_memory(device: str) -> float | None:
    """Free bytes of a device; None where nobody can tell."""
    import psutil
    import torch

    if device.startswith("cuda"):
        # What torch keeps for its next tensors is free, too: a cache that was given up lies there.
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    if device == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    return psutil.virtual_memory().available if device == "cpu" else None


def total_memory(device: str) -> float:
    """All bytes of a CUDA device."""
    import torch

    return torch.cuda.mem_get_info(device)[1]


def settings(device: str, dtype: str | None, quantise: str | None) -> dict[str, Any]:
    """How from_pretrained reads the weights. Raises ImportError where a package is missing."""
    dtype = dtype or ("float32" if device == "cpu" else "auto")
    if quantise is None:
        return {"dtype": dtype}
    if find_spec("bitsandbytes") is None:
        raise ImportError(
            f'quantise = "{quantise}" needs a package that is not here: pip install bitsandbytes'
        )
    from transformers import BitsAndBytesConfig

    how: dict[str, Any] = {"load_in_8bit": True}
    if quantise == "4bit":
        compute = "bfloat16" if dtype == "auto" else dtype
        how = {
            "load_in_4bit": True,
            "bnb_4bit_quant_type": "nf4",
            "bnb_4bit_compute_dtype": compute,
        }
    return {"dtype": dtype, "quantization_config": BitsAndBytesConfig(**how)}
