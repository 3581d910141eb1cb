"""A GGUF file of a Llama or Qwen3: what llama.cpp answers with, and transformers reads as well."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

ARCHITECTURES = ("llama", "qwen3")


def write(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, file: Path) -> None:
    """Write the model in float16 with its tokenizer, a byte-level BPE that parts words as GPT-2's.

    The file is replaced in one move. Raises ValueError for a model of another architecture.
    """
    from gguf import MODEL_ARCH_NAMES, GGUFWriter, LlamaFileType, get_tensor_name_map

    kind = model.config.model_type
    if kind not in ARCHITECTURES:
        possible = " and ".join(ARCHITECTURES)
        raise ValueError(f"a {kind} cannot be written as GGUF here, only {possible}")
    arch = next(number for number, name in MODEL_ARCH_NAMES.items() if name == kind)
    names = get_tensor_name_map(arch, model.config.num_hidden_layers)
    part = file.with_suffix(".part")
    writer = GGUFWriter(part, kind)
    writer.add_name(file.stem)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    _add_shape(writer, model.config)
    _add_tokenizer(writer, tokenizer, model.config.vocab_size)
    for name, tensor in _tensors(model):
        writer.add_tensor(names.get_name(name, try_suffixes=(".weight",)), tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(part, file)


def _add_shape(writer: Any, config: Any) -> None:
    """The model's dimensions, and its rotary embeddings."""
    writer.add_context_length(config.max_position_embeddings)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)


def _add_tokenizer(writer: Any, tokenizer: PreTrainedTokenizerFast, size: int) -> None:
    """The vocabulary, up to the model's size, its merges, and the chat template.

    The template writes the first token itself, so the reader is told to add none.
    """
    from gguf import TokenType

    added = tokenizer.added_tokens_decoder
    types = [TokenType.NORMAL] * len(tokenizer) + [TokenType.UNUSED] * (size - len(tokenizer))
    for number, token in added.items():
        types[number] = TokenType.CONTROL if token.special else TokenType.USER_DEFINED
    tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    tokens += [f"[UNUSED{number}]" for number in range(len(tokenizer), size)]
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    if tokenizer.pad_token_id is not None:
        writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(tokenizer.chat_template)


def _tensors(model: PreTrainedModel) -> Iterator[tuple[str, np.ndarray]]:
    """The weights by transformers' names: matrices in float16, the rest in float32.

    An output head that shares the embeddings is left out: readers take these for it.
    """
    config, tied = model.config, model.config.tie_word_embeddings
    for name, weight in model.state_dict().items():
        if tied and name == "lm_head.weight":
            continue
        tensor = weight.detach().float().cpu().numpy()
        if config.model_type == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
            tensor = _paired(tensor, config.head_dim)
        yield name, tensor.astype("float16") if tensor.ndim > 1 else tensor


def _paired(tensor: np.ndarray, width: int) -> np.ndarray:
    """The rows of each head in the order in which llama.cpp rotates a Llama's positions.

    There the two rows of a pair are neighbours; in transformers they are half a head apart.
    """
    heads, columns = tensor.shape[0] // width, tensor.shape[1]
    halves = tensor.reshape(heads, 2, width // 2, columns)
    return halves.swapaxes(1, 2).reshape(tensor.shape)
