"""Members with random weights in the shape of real models: as fast as trained ones, no download."""

import difflib
from typing import TYPE_CHECKING

from blend.bench.probe import BenchError
from blend.members import Member, MemberError, Sampling
from blend.members.generate import Generate
from blend.members.paged import Paged
from blend.members.weights import Loaded, device
from blend.transformers_template import TransformersTemplate

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def _decoder(kind: str, wide: int, inner: int, layers: int, heads: int, keys: int, vocabulary: int):
    sizes = {"hidden_size": wide, "intermediate_size": inner, "num_hidden_layers": layers}
    attention = {"num_attention_heads": heads, "num_key_value_heads": keys}
    return kind, sizes | attention | {"vocab_size": vocabulary, "max_position_embeddings": 4096}


def _sized(kind: str, vocabulary: int, **sizes: int):
    return kind, sizes | {"vocab_size": vocabulary}


def _with(shape: tuple[str, dict], **more: object) -> tuple[str, dict]:
    return shape[0], shape[1] | more


SHAPES: dict[str, tuple[str, dict[str, object]]] = {
    "llama-7b": _decoder("llama", 4096, 11008, 32, 32, 32, 32000),
    "llama-3-8b": _decoder("llama", 4096, 14336, 32, 32, 8, 128256),
    "llama-13b": _decoder("llama", 5120, 13824, 40, 40, 40, 32000),
    "mistral-7b": _decoder("mistral", 4096, 14336, 32, 32, 8, 32768),
    "qwen2.5-0.5b": _with(
        _decoder("qwen2", 896, 4864, 24, 14, 2, 151936), tie_word_embeddings=True
    ),
    "qwen3-8b": _with(_decoder("qwen3", 4096, 12288, 36, 32, 8, 151936), head_dim=128),
    "qwen3-32b": _with(_decoder("qwen3", 5120, 25600, 64, 64, 8, 151936), head_dim=128),
    "gemma-3-4b": _with(_decoder("gemma3_text", 2560, 10240, 34, 8, 4, 262208), head_dim=256),
    "pythia-6.9b": _decoder("gpt_neox", 4096, 16384, 32, 32, 32, 50432),
    "gpt-j-6b": _sized("gptj", 50400, n_embd=4096, n_layer=28, n_head=16, rotary_dim=64),
    "mamba-2.8b": _sized("mamba", 50280, hidden_size=2560, num_hidden_layers=64, state_size=16),
    "llama-tiny": _decoder("llama", 256, 768, 4, 4, 2, 3072),
    "qwen3-tiny": _with(_decoder("qwen3", 256, 768, 4, 4, 2, 3072), head_dim=64),
    "gemma-3-tiny": _with(_decoder("gemma3_text", 256, 768, 6, 4, 2, 3072), head_dim=64),
    "pythia-tiny": _decoder("gpt_neox", 256, 1024, 4, 4, 4, 3072),
    "gpt-j-tiny": _sized("gptj", 3072, n_embd=256, n_layer=4, n_head=4, rotary_dim=64),
    "mamba-tiny": _sized("mamba", 3072, hidden_size=256, num_hidden_layers=4, state_size=16),
}
"""Named shapes: the sizes that the models' own configs give; the tiny ones are for a CPU."""

SAMPLING = Sampling(temperature=0.7, top_p=0.9, max_tokens=64)
TEMPLATE = (
    "{{ '<|begin|>' }}{% for m in messages %}"
    "{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
SPECIAL = ("<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")


def check(name: str) -> None:
    """Raise BenchError with the known names where there is no such shape."""
    if name not in SHAPES:
        near = difflib.get_close_matches(name, SHAPES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(SHAPES)}"
        raise BenchError(f"no config {name!r}: {hint}")


def member(name: str, shape: str, threads: int | None, window: int = 2048) -> Member:
    """A member of that shape on the nearest device, bfloat16 on a GPU. Raises MemberError."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    try:
        model = _model(shape)
    except (RuntimeError, MemoryError) as error:
        raise MemberError(name, f"random weights of {shape} do not fit: {error}") from error
    template = TransformersTemplate(name, _tokenizer(model.config.vocab_size), window)
    loaded = Loaded(model, template, frozenset({2}), "", device(model))
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

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    known = [*SPECIAL, *letters]
    words = [f"Ġ{n:x}" for n in range(vocabulary - len(known))]
    bpe = Tokenizer(models.BPE({text: n for n, text in enumerate(known + words)}, []))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<|begin|>",
        eos_token="<|end|>",
        pad_token="<|pad|>",
        extra_special_tokens=[*SPECIAL[3:]],
        chat_template=TEMPLATE,
    )
