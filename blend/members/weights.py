"""A transformers model as it is read: weights, tokenizer, window, and what tells it from others."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blend.members import MemberError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LONGEST_WINDOW = 4096
"""Tokens of the window where the roster gives none and the model was made for more."""


def read(
    name: str,
    source: str,
    revision: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    threads: int | None = None,
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """The model, ready to be called, and its tokenizer. Raises MemberError.

    device: what torch calls it, or "auto" to spread the weights over all that is there.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # one bar for each file of each member: the caller shows its own
    if threads:
        torch.set_num_threads(threads)
    device = device or _nearest()
    dtype = dtype or ("float32" if device == "cpu" else "auto")
    place = {"revision": revision, "local_files_only": Path(source).is_dir()}
    try:
        _refuse_if_too_large(AutoConfig.from_pretrained(source, **place), device, dtype)
        tokenizer = AutoTokenizer.from_pretrained(source, **place)
        model = AutoModelForCausalLM.from_pretrained(
            source, dtype=dtype, device_map=device, **place
        )
        return model.eval().requires_grad_(False), tokenizer
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError, SafetensorError) as error:
        raise MemberError(name, f"{source} cannot be loaded: {error}") from error


def window(name: str, model: "PreTrainedModel", asked: int | None) -> int:
    """The tokens that it reads and writes at most. Raises MemberError where more were asked for."""
    trained = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    if asked and trained and asked > trained:
        raise MemberError(name, f"window {asked:,} is more than the {trained:,} it was made for")
    return asked or min(trained or LONGEST_WINDOW, LONGEST_WINDOW)


def ends(*ids: int | Sequence[int] | None) -> frozenset[int]:
    """The ids that end a reply, from the places where a model and a tokenizer name them."""
    lists = ([some] if isinstance(some, int) else some or [] for some in ids)
    return frozenset(i for some in lists for i in some)


def device(model: "PreTrainedModel") -> str:
    """What it runs on, in a word for the page."""
    import torch

    kind = model.device.type
    return f"cuda: {torch.cuda.get_device_name(model.device)}" if kind == "cuda" else kind.upper()


def digest(source: str, model: "PreTrainedModel", chat: str) -> str:
    """The same for the same weights, tokenizer and template, wherever they lie."""
    told = hashlib.sha256(chat.encode())
    folder = Path(source)
    if not folder.is_dir():
        told.update(f"{source}@{getattr(model.config, '_commit_hash', '')}".encode())
    weights = [p for end in ("safetensors", "bin") for p in sorted(folder.glob(f"*.{end}"))]
    for path in [*weights, folder / "tokenizer.json"]:
        if path.is_file():
            with path.open("rb") as file:
                told.update(hashlib.file_digest(file, "sha256").digest())
    return told.hexdigest()


def _nearest() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _refuse_if_too_large(config: Any, device: str, dtype: str) -> None:
    """Raise MemoryError before the weights are read: a CPU without room kills us mute."""
    import torch
    from transformers import AutoModelForCausalLM

    there = _free(device)
    if there is None or getattr(config, "quantization_config", None):
        return
    with torch.device("meta"):  # shapes only
        weights = AutoModelForCausalLM.from_config(config).parameters()
    kind = getattr(torch, dtype, None) or config.dtype or torch.float32
    needed = sum(weight.numel() for weight in weights) * kind.itemsize
    if needed > there:
        raise MemoryError(
            f"its weights need {needed / 1e9:,.1f} GB and {device} has {there / 1e9:,.1f} GB free"
        )


def _free(device: str) -> float | None:
    """Free bytes of a device; None where nobody can tell."""
    import psutil
    import torch

    if device.startswith("cuda"):
        return torch.cuda.mem_get_info(device)[0]
    if device == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    return psutil.virtual_memory().available if device == "cpu" else None
