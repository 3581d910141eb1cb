"""llama.cpp's own tokenizer for the small vocabularies of the tests, and for real ones."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WIDTH = 32
"""Of the random model without which no server starts."""


class Server:
    """A llama.cpp server in this process. said: the bytes of every id that it has told of."""

    def __init__(self, url: str):
        import httpx

        self._client = httpx.Client(base_url=url, trust_env=False, verify=False)
        self.props = self._client.get("/props").json()
        self.has_reply: dict[int, bytes] = {}

    def tokenize(self, text: str, parse_special: bool) -> list[tuple[int, bytes]]:
        asked = {"content": text, "parse_special": parse_special, "with_pieces": True}
        tokens = self._client.post("/tokenize", json=asked).json()["tokens"]
        pieces = [(t["id"], t["piece"]) for t in tokens]
        read = [(i, p.encode() if isinstance(p, str) else bytes(p)) for i, p in pieces]
        self.has_reply.update(read)
        return read

    def spelt(self, ids) -> str:
        """What ids of texts say."""
        return b"".join(self.has_reply[i] for i in ids).decode()

    def close(self) -> None:
        self._client.close()


@contextmanager
def server(file: Path) -> Iterator[Server]:
    """A server over a GGUF file; it ends when nobody holds it any more."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx, params.n_parallel, params.warmup = 64, 1, False
    params.cpuparams.n_threads, params.verbosity = 1, 0
    running = xllamacpp.Server(params)
    made = Server(running.listening_address)
    try:
        yield made
    finally:
        made.close()
        del running


def write(tokenizer, file: Path, pre: str = "gpt-2") -> None:
    """A model with the vocabulary of one of tiny's tokenizers. pre: how that parts a text."""
    from gguf import GGUFWriter

    writer = GGUFWriter(file, "llama")
    told = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    spaced = told["byte_fallback"]
    if spaced and any(token.rstrip for token in tokenizer.added_tokens_decoder.values()):
        writer.add_name("phi-3")  # by which llama.cpp knows what its tokens strip
    added = {i: token.content for i, token in tokenizer.added_tokens_decoder.items()}
    tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    tokens = [added.get(i, token) for i, token in enumerate(tokens)]
    merges = [" ".join(pair) for pair in told["merges"]]
    writer.add_tokenizer_model("llama" if spaced else "gpt2")
    writer.add_tokenizer_pre("default" if spaced else pre)
    writer.add_token_list(tokens)
    writer.add_token_types([_type(tokenizer, i, token) for i, token in enumerate(tokens)])
    if spaced:
        ranks = {merge.replace(" ", ""): -float(n) for n, merge in enumerate(merges)}
        writer.add_token_scores([ranks.get(token, -1e4) for token in tokens])
        writer.add_add_space_prefix(True)
        writer.add_unk_token_id(tokenizer.unk_token_id)
    else:
        writer.add_token_merges(merges)
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    _add_model(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _type(tokenizer, number: int, token: str):
    from gguf import TokenType

    added = tokenizer.added_tokens_decoder.get(number)
    if number == tokenizer.unk_token_id:
        return TokenType.UNKNOWN
    if added is not None:
        return TokenType.CONTROL if added.special else TokenType.USER_DEFINED
    return TokenType.BYTE if token.startswith("<0x") else TokenType.NORMAL


def _add_model(writer, vocabulary: int) -> None:
    """One layer of a Llama."""
    import numpy as np

    writer.add_context_length(64)
    writer.add_block_count(1)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH)
    writer.add_vocab_size(vocabulary)
    square = np.ones((WIDTH, WIDTH), np.float32)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", square)
    for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("token_embd.weight", np.ones((vocabulary, WIDTH), np.float32))
