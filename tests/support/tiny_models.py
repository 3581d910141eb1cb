"""Tiny random models of every shape that the engines must run, saved as a user would have them."""

from pathlib import Path

SPECIAL = ("<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{{ '<|begin|>' }}{% for m in messages %}"
    "{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
SENTENCES = (
    "Hello there, how are you doing today? I am fine, thank you for asking.",
    "My dog likes to run in the park, and so do I when the weather is good.",
    "USER: Tell me about your family. ASSISTANT: They live far away in the north.",
)
PAGED = ("llama", "mistral", "qwen3", "gemma3_text")
"""Shapes with paged attention."""
PLAIN = ("gpt_neox", "gptj", "mamba")
"""Shapes without, or not in every transformers: GPT-J has it from 5.24 on, where GPT-NeoX fails."""
WINDOW = 1024


LINES = ("One.\n\nTwo?\n\nThree!\n\nFour:\n\nFive:\nSix.\nSeven?\nEight!\n", "a.\nb.\n\nc:\n\n") * 9
"""Sentences that end a line, for a vocabulary with tokens of a sign and a line's end."""
WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
"""How Llama 3 and Qwen part a text: a sign and the line's end after it stay together."""


def tokenizer(vocabulary: int = 300, special=SPECIAL, added=(), words: str = ""):
    """A byte-level BPE; special: its control tokens, the first begins and the second ends a text
    where they are not SPECIAL; added: other tokens, as texts that are not special or AddedToken.
    words: a pattern that parts a text in place of GPT-2's.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if words:
        parts = pre_tokenizers.Split(Regex(words), "isolated")
        level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        bpe.pre_tokenizer = pre_tokenizers.Sequence([parts, level])
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[*special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([*SENTENCES, *(LINES if words else ())], trainer)
    bpe.add_tokens(_ordinary(added))
    begin, end = special[1:3] if special is SPECIAL else special[:2]
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=begin,
        eos_token=end,
        extra_special_tokens=[token for token in special if token not in (begin, end)],
        chat_template=TEMPLATE if special is SPECIAL else None,
    )


def spaced(scheme: str, extra=(), added=()):
    """A tokenizer as Llama's and Mistral's: words begin with a space, put before a first word too.

    scheme: "first", where only the first of the whole text is meant (Metaspace), or "always", where
    what follows a control token gets one as well (a normalizer). What it does not know it spells.
    """
    import json

    from tokenizers import Tokenizer, decoders, models, normalizers, trainers
    from tokenizers import pre_tokenizers as pre
    from transformers import PreTrainedTokenizerFast

    learned = Tokenizer(models.BPE(unk_token="<unk>"))
    learned.pre_tokenizer = pre.Metaspace(prepend_scheme="always", split=True)
    spelt = [f"<0x{byte:02X}>" for byte in range(256)]
    control = ["<unk>", "<s>", "</s>"]
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=[*control, *spelt], show_progress=False
    )
    learned.train_from_iterator(SENTENCES, trainer)
    told = json.loads(learned.to_str())["model"]
    merges = [tuple(pair) for pair in told["merges"]]
    model = models.BPE(told["vocab"], merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    bpe = Tokenizer(model)
    if scheme == "first":
        bpe.pre_tokenizer = pre.Metaspace(prepend_scheme="first", split=False)
    else:
        steps = [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
        bpe.normalizer = normalizers.Sequence(steps)
    steps = [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    bpe.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)])
    bpe.add_special_tokens([*control, *extra])
    bpe.add_tokens(_ordinary(added))
    extra = [token for token in extra if token not in control]
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        extra_special_tokens=extra,
    )


def _ordinary(added):
    from tokenizers import AddedToken

    return [AddedToken(t, special=False) if isinstance(t, str) else t for t in added]


def config(kind: str):
    """Two layers, 32 wide, with what is peculiar to the kind: windows, part rotation, states."""
    from transformers import AutoConfig

    ids = {"vocab_size": 300, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    # Logits far enough apart that rounding does not change the greedy choice.
    ids["initializer_range"] = 0.3
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "max_position_embeddings": WINDOW}
    grouped = heads | {"num_key_value_heads": 2}
    told = {
        "llama": sizes | grouped,
        "mistral": sizes | grouped | {"sliding_window": 48},
        "qwen3": sizes | grouped | {"head_dim": 16},
        "gemma3_text": sizes
        | grouped
        | {
            "head_dim": 16,
            "query_pre_attn_scalar": 24,
            "sliding_window": 48,
            "layer_types": ["sliding_attention", "full_attention"],
        },
        "granite": sizes | grouped | {"attention_multiplier": 0.2, "logits_scaling": 2.0},
        "gpt_neox": sizes | heads | {"rotary_pct": 0.25},
        "gptj": {"n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4, "n_positions": WINDOW},
        "mamba": {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8},
    }
    return AutoConfig.for_model(kind, **told[kind], **ids)


def save(kind: str, folder: Path, head: str = "CausalLM", **changes: object) -> Path:
    """A random model of that kind and its tokenizer, as files; the same weights every time."""
    import torch
    import transformers

    torch.manual_seed(7)
    made = config(kind)
    made.update(changes)
    getattr(transformers, f"AutoModelFor{head}").from_config(made).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def gguf(folder: Path, kind: str = "llama", **changes: object) -> Path:
    """The same model as one file for llama.cpp: FOLDER/KIND.gguf, beside the files of `save`."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from blend.training import gguf_writer

    save(kind, folder, **changes)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32")
    file = folder / f"{kind}.gguf"
    gguf_writer.write(model, AutoTokenizer.from_pretrained(folder), file)
    return file
