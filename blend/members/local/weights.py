"""A transformers model as it is read: weights, tokenizer, window, and what tells it from others."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blend.members import MemberError, Sampling, SamplingError, hub_files
from blend.members.local import devices
from blend.members.local.checkpoint import Checkpoint
from blend.prompt.transformers_template import TransformersTemplate

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LOAD_ERRORS = (OSError, ValueError, KeyError, ImportError, RuntimeError, MemoryError)
"""What transformers raises for a model that it cannot load."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is ready, and what its member needs beside it.

    ends: the ids that end a reply. digest: equal for equal replies. device: a word for the page.
    """

    model: "PreTrainedModel"
    template: TransformersTemplate
    ends: frozenset[int]
    digest: str
    device: str


def load(
    name: str,
    source: str,
    sampling: Sampling,
    *,
    window: int | None = None,
    template: str | None = None,
    variables: Mapping[str, object] | None = None,
    own_system: bool = False,
    thinking: bool | None = None,
    revision: str | None = None,
    file: str | None = None,
    **how: Any,
) -> LoadedModel:
    """The model and its chat template. Raises MemberError and SamplingError.

    source: a folder, a GGUF file, or an id on the Hub, with `revision` and the GGUF `file` there.
    window: tokens. template: a Jinja chat template instead of the tokenizer's own, with `variables`
    beside the conversation. own_system: keep the template's own system text. thinking: whether it
    is asked for thoughts, where it has a switch for that. how: see `read`.
    """
    if file:
        source = str(hub_files.fetch_gguf(name, source, file, revision))
    checkpoint = Checkpoint.locate(source, revision)
    model, tokenizer = read(name, checkpoint, **how)
    tokens = devices.window_of(name, model.config, window)
    if (most := sampling.max_tokens) >= tokens:
        raise SamplingError(f"max_tokens {most:,} does not fit a window of {tokens:,} tokens")
    writer = TransformersTemplate(
        name, tokenizer, tokens, template, variables, own_system, thinking
    )
    ends = _ends(model.generation_config.eos_token_id, tokenizer.eos_token_id)
    return LoadedModel(model, writer, ends, digest(checkpoint, writer.identity), device(model))


def read_tokenizer(name: str, checkpoint: Checkpoint) -> "PreTrainedTokenizerBase":
    """The tokenizer of a model in a folder or on the Hub. Raises MemberError."""
    try:
        return checkpoint.tokenizer()
    except Exception as error:  # the tokenizers library raises nothing narrower
        reason, folder = str(error), Path(checkpoint.source)
        if (folder / "tekken.json").is_file() and not (folder / "tokenizer.json").is_file():
            mend = "put its tokenizer.json there, or `pip install mistral-common`"
            reason = f"its only tokenizer is tekken.json: {mend} ({reason})"
        raise MemberError(name, f"{checkpoint} cannot be loaded: {reason}") from error


def read(
    name: str,
    checkpoint: Checkpoint,
    device: str | None = None,
    dtype: str | None = None,
    threads: int | None = None,
    device_map: str | Mapping[str, str | int] | None = None,
    quantise: str | None = None,
    head: str = "CausalLM",
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """The model, ready to be called, and its tokenizer. Raises MemberError.

    device: as torch names it. device_map: as accelerate does, to spread the weights over several
    ("auto"). threads: of torch, for the whole process; one is fastest for several members on a CPU.
    quantise: "4bit" or "8bit", by bitsandbytes. head: see `Checkpoint.model`. No code from the Hub
    is ever run.
    """
    import torch
    from safetensors import SafetensorError
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # the caller shows its own
    if threads:
        torch.set_num_threads(threads)
    try:
        device = devices.resolve_device(device)
        settings = devices.settings(device, dtype, quantise)
        needed = devices.estimate_memory(checkpoint, device, dtype, quantise, head=head).weights
        there = devices.free_memory(device) if device_map is None else None
        if there is not None and needed > there:  # without room on a CPU the system kills us
            both = f"its weights need {needed / 1e9:,.1f} GB and {device} has {there / 1e9:,.1f} GB"
            raise MemoryError(f"{both} free")
        tokenizer = read_tokenizer(name, checkpoint)
        model = checkpoint.model(head, device_map=device_map or device, **settings)
        return model.eval().requires_grad_(False), tokenizer
    except MemberError:
        raise
    except torch.OutOfMemoryError as error:
        reason = f"out of memory: its weights need {needed / 1e9:,.1f} GB: {error}"
        raise MemberError(name, reason) from error
    except SafetensorError as error:
        reason = f"a file of its weights is cut short, or no safetensors file: {error}"
        raise MemberError(name, f"{checkpoint} cannot be loaded: {reason}") from error
    except LOAD_ERRORS as error:
        raise MemberError(name, f"{checkpoint} cannot be loaded: {error}") from error


def _ends(*ids: int | Sequence[int] | None) -> frozenset[int]:
    """The ids that end a reply, by the model and by the tokenizer."""
    lists = ([some] if isinstance(some, int) else some or [] for some in ids)
    return frozenset(i for some in lists for i in some)


def device(model: "PreTrainedModel") -> str:
    """What it runs on, in a word for the page."""
    import torch

    kind = model.device.type
    return f"cuda: {torch.cuda.get_device_name(model.device)}" if kind == "cuda" else kind.upper()


def digest(checkpoint: Checkpoint, chat: str) -> str:
    """The same for the same weights, tokenizer and template, wherever they lie."""
    total = hashlib.sha256(chat.encode())
    folder = Path(checkpoint.source)
    if not folder.is_dir():
        at = checkpoint.folder  # the Hub's cache calls it by the commit
        total.update(f"{checkpoint.source}@{at.name if at else ''}".encode())
    for path in [*checkpoint.files(), folder / "tokenizer.json"]:
        if path.is_file():
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
