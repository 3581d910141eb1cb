"""Members with random weights in the shape of real models: as fast as trained ones, no download."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from blend.members import Member, MemberError, Sampling
from blend.members.local.generate import Generate
from blend.members.local.paged import Paged
from blend.members.local.weights import LoadedModel, device
from blend.prompt.transformers_template import TransformersTemplate

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_8B = {"num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256}
_QWEN3 = {"intermediate_size": 12288, "num_key_value_heads": 8, "num_hidden_layers": 36}
_TINY = {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 4, "head_dim": 64}
_TINY |= {"num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 3072}
SHAPES: dict[str, tuple[str, dict[str, int]]] = {
    "llama-7b": ("llama", {}),
    "llama-3-8b": ("llama", _8B),
    "mistral-7b": ("mistral", {}),
    "qwen3-8b": ("qwen3", _QWEN3),
    "gpt-j-6b": ("gptj", {}),
    "llama-tiny": ("llama", _TINY),
    "qwen3-tiny": ("qwen3", _TINY),
    "gpt-j-tiny": ("gptj", {"n_embd": 256, "n_layer": 4, "n_head": 4, "vocab_size": 3072}),
}
"""Kinds of transformers, and what differs from the sizes that their configs have by themselves."""

SAMPLING = Sampling(temperature=0.7, top_p=0.9, max_tokens=64)
WINDOW = 2048
TEMPLATE = (
    "{{ '<|begin|>' }}{% for m in messages %}"
    "{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
SPECIAL = ("<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")


def load(shapes: Sequence[str]) -> dict[str, Member]:
    """A member of each shape by its name, twins with a number. Raises MemberError."""
    members: dict[str, Member] = {}
    for shape in shapes:
        same = sum(name.partition(" ")[0] == shape for name in members)
        name = f"{shape} {same + 1}" if same else shape
        members[name] = make_member(name, shape, 1 if len(shapes) > 1 else None)
    return members


def make_member(name: str, shape: str, threads: int | None) -> Member:
    """A member of that shape on the nearest device, bfloat16 on a GPU. Raises MemberError."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    try:
        model = _model(shape)
    except (RuntimeError, MemoryError) as error:
        raise MemberError(name, f"random weights of {shape} do not fit: {error}") from error
    template = TransformersTemplate(name, _tokenizer(model.config.vocab_size), WINDOW)
    loaded = LoadedModel(model, template, frozenset({2}), "", device(model))
    engine = Paged if model.is_backend_compatible() else Generate
    return engine.over(name, loaded, SAMPLING)


def _model(shape: str) -> "PreTrainedModel":
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    kind, sizes = SHAPES[shape]
    config = AutoConfig.for_model(kind, **sizes, bos_token_id=1, eos_token_id=2, pad_token_id=0)
    place = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if place == "cuda" else torch.float32
    torch.manual_seed(7)
    with torch.device(place):
        model = AutoModelForCausalLM.from_config(config, dtype=dtype)
    return model.eval().requires_grad_(False)


def _tokenizer(vocabulary: int) -> "PreTrainedTokenizerBase":
    """A character a token, and made-up words for all other ids: whatever is sampled shows."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    base = [*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    words = [f"Ġ{n:x}" for n in range(vocabulary - len(base))]
    bpe = Tokenizer(models.BPE({text: n for n, text in enumerate(base + words)}, []))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    marks = {"bos_token": "<|begin|>", "eos_token": "<|end|>", "pad_token": "<|pad|>"}
    marks |= {"extra_special_tokens": [*SPECIAL[3:]], "chat_template": TEMPLATE}
    return PreTrainedTokenizerFast(tokenizer_object=bpe, **marks)
