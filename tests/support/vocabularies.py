"""Small vocabularies of every model of the tokenizers library, each with any added tokens."""

from functools import cache

import tiny_models
from tokenizers import Tokenizer, decoders, models
from tokenizers import pre_tokenizers as pre

LETTERS = "abcdefghijklmnopqrstuvwxyz.,!?:<>[]|/#"
CONTROL = ["<unk>", "<s>", "</s>"]


def with_added(base: str, added):
    """A tokenizer of one of BASES: <unk>, <s> and </s> are special, `added` are AddedTokens."""
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer.from_str(BASES[base]())
    for token in added:
        (backend.add_special_tokens if token.special else backend.add_tokens)([token])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )


@cache
def _unigram() -> str:
    """SentencePiece's other model; its pieces hold the control tokens' texts."""
    pieces = [*CONTROL, "\u2581", *LETTERS, "he", "llo", "\u2581a"]
    spelt = [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
    scored = [(piece, 0.0 if n < 3 else -3.0) for n, piece in enumerate(pieces)]
    made = Tokenizer(models.Unigram([*scored, *spelt], unk_id=0, byte_fallback=True))
    made.pre_tokenizer = pre.Metaspace(prepend_scheme="first", split=False)
    steps = [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    made.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)])
    made.add_special_tokens(CONTROL)
    return made.to_str()


@cache
def _words() -> str:
    """BERT's model: pieces of words, and one token for whatever is not in its vocabulary."""
    pieces = [*CONTROL, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    made = Tokenizer(models.WordPiece({p: n for n, p in enumerate(pieces)}, unk_token="<unk>"))
    made.pre_tokenizer = pre.BertPreTokenizer()
    made.decoder = decoders.WordPiece(cleanup=False)
    made.add_special_tokens(CONTROL)
    return made.to_str()


@cache
def _of_tiny(kind: str) -> str:
    if kind == "bytes":
        tokenizer = tiny_models.tokenizer(
            360, special=("<s>", "</s>", "<unk>"), words=tiny_models.WORDS
        )
    else:
        tokenizer = tiny_models.spaced(kind)
    return tokenizer.backend_tokenizer.to_str()


BASES = {
    "bytes": lambda: _of_tiny("bytes"),
    "first": lambda: _of_tiny("first"),
    "always": lambda: _of_tiny("always"),
    "unigram": _unigram,
    "words": _words,
}
