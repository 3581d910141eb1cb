"""The shapes of the models that the shipped rosters name, from their config.json on the Hub."""

KEYS = (
    *("max_position_embeddings", "hidden_size", "intermediate_size", "num_hidden_layers"),
    *("num_attention_heads", "vocab_size"),
)
QWEN = {"model_type": "qwen3", "num_key_value_heads": 8, "head_dim": 128}
LLAMA = {"model_type": "llama"}
OLMO = {"model_type": "olmo2"}
GRANITE = {"model_type": "granite", "num_key_value_heads": 8}
TIED = {"tie_word_embeddings": True}
APART = {"tie_word_embeddings": False}


def _shape(*numbers: int, **kinds: object) -> dict[str, object]:
    return kinds | dict(zip(KEYS, numbers, strict=True))


SHAPES = {
    "Qwen/Qwen3-1.7B": _shape(40960, 2048, 6144, 28, 16, 151936, **QWEN, **TIED),
    "Qwen/Qwen3-8B": _shape(40960, 4096, 12288, 36, 32, 151936, **QWEN, **APART),
    "Qwen/Qwen3-32B": _shape(40960, 5120, 25600, 64, 64, 151936, **QWEN, **APART),
    "HuggingFaceTB/SmolLM2-1.7B-Instruct": _shape(8192, 2048, 8192, 24, 32, 49152, **LLAMA, **TIED),
    "lmsys/vicuna-13b-v1.5": _shape(4096, 5120, 13824, 40, 40, 32000, **LLAMA, **APART),
    "allenai/OLMo-2-0425-1B-Instruct": _shape(4096, 2048, 8192, 16, 16, 100352, **OLMO, **APART),
    "allenai/OLMo-2-1124-7B-Instruct": _shape(4096, 4096, 11008, 32, 32, 100352, **OLMO, **APART),
    "ibm-granite/granite-3.3-8b-instruct": _shape(
        131072, 4096, 12800, 40, 32, 49159, **GRANITE, **TIED
    ),
    "PygmalionAI/pygmalion-6b": {"model_type": "gptj", "n_positions": 2048},
    "hakurei/lit-6B": {"model_type": "gptj", "n_positions": 2048},
}
