"""A tokenizer for what people say: whatever is typed stays text and comes back whole."""

import json
import secrets
from itertools import islice
from typing import TYPE_CHECKING

from blend.prompt.encoder import SPACE_SIGN, encode_blocks

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase


class ContentTokenizer:
    """A copy of a tokenizer in which its control tokens have other names, which nobody can type.

    No text can become one of them, and a text that looks like one is spelt. An added token that
    would not come back as its text is left to the rest of the vocabulary.

    control: the ids of the control tokens.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", control: frozenset[int]):
        self._tokenizer = tokenizer
        self._unseen = control | {tokenizer.unk_token_id}
        self._start, self._hidden = (f"\ue002{secrets.token_hex(16)}\ue003" for _ in range(2))
        self._block = self._spelling_of_the_block()
        self._plain = self._plain_tokenizer()

    def encode(self, text: str, goes_on: bool) -> tuple[int, ...]:
        """The ids of a text. goes_on: other text comes before; some begin the first otherwise."""
        start = self._start if goes_on else ""

        def plain(text: str) -> list[int]:
            ids = self._plain.encode(start + text, add_special_tokens=False).ids
            return ids[1:] if start else ids

        return encode_blocks(text, self._block, plain)

    def _plain_tokenizer(self) -> "Tokenizer":
        """The tokenizer for text: without control tokens, and without those that spoil a text."""
        added = self._tokenizer.added_tokens_decoder
        plain = self._copy(frozenset())
        texts = {i: token.content for i, token in added.items() if i not in self._unseen}
        cared = {i for i, text in texts.items() if self._block and SPACE_SIGN in text}
        spoilt = {i for i in texts.keys() - cared if not self._comes_back(plain, texts[i])}
        if not spoilt:
            return plain
        bare = self._copy(frozenset(spoilt))
        spelt = frozenset(i for i in spoilt if self._comes_back(bare, texts[i]))
        return bare if spelt == spoilt else self._copy(spelt)

    def _comes_back(self, plain: "Tokenizer", text: str) -> bool:
        """Whether a text that holds this one comes back from its ids."""
        texts = [f"a{text}a", f"a{text}{text}a", f"a {text} a", f"a.{text}.a"]
        if not text[0].isspace():  # which some decoders leave out at the beginning
            texts += [text, f"{text}{text}a"]
        for sample in texts:
            ids = plain.encode(sample, add_special_tokens=False).ids
            if self._tokenizer.decode(ids, clean_up_tokenization_spaces=False) != sample:
                return False
        return True

    def _copy(self, spelt: frozenset[int]) -> "Tokenizer":
        """The tokenizer with new names for its control tokens, and without the tokens `spelt`."""
        from tokenizers import AddedToken, Tokenizer

        data = json.loads(self._tokenizer.backend_tokenizer.to_str())
        hidden = {
            token["content"]: self._name(token["id"])
            for token in data["added_tokens"]
            if token["id"] in self._unseen
        }
        _rename(data["model"], hidden)
        kept = []
        for token in data["added_tokens"]:
            text = token["content"]
            if token["id"] in spelt:
                if self._in_model(text):
                    continue  # the model has it by itself
                # Its place is kept: the ids of those after it are counted from it.
                token = token | {"content": self._name(token["id"]), "normalized": False}
            elif text in hidden:
                token = token | {"content": hidden[text], "normalized": False}
            # White space around a text is part of it, whatever a token would take with it.
            kept.append(token | {"lstrip": False, "rstrip": False})
        data |= {"added_tokens": kept, "truncation": None, "padding": None, "post_processor": None}
        plain = Tokenizer.from_str(json.dumps(data))
        plain.add_special_tokens([AddedToken(self._start, normalized=False)])
        return plain

    def _name(self, token: int) -> str:
        """What a token is called where nobody can type it; no name begins another."""
        return f"{self._hidden}{token}{self._hidden}"

    def _in_model(self, text: str) -> bool:
        return self._tokenizer.backend_tokenizer.model.token_to_id(text) is not None

    def _spelling_of_the_block(self) -> dict[str, list[int]]:
        """The bytes' ids of the block and of signs that may stand in for it; none if it is a sign.

        The stand-ins are private-use characters that are not in the vocabulary.
        """
        read = self._tokenizer(f"a{SPACE_SIGN}a", add_special_tokens=False).input_ids
        if SPACE_SIGN in self._tokenizer.decode(read):
            return {}
        known = self._tokenizer.backend_tokenizer
        private = (sign for sign in map(chr, range(0xE010, 0xE400)) if not self._in_model(sign))
        spellings = {
            sign: [known.token_to_id(f"<0x{byte:02X}>") for byte in sign.encode()]
            for sign in (*islice(private, 8), SPACE_SIGN)
        }
        return {} if any(None in ids for ids in spellings.values()) else spellings


def _rename(model: dict, names: dict[str, str]) -> None:
    """Give tokens of a model's vocabulary other names, in place."""
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict):
        model["vocab"] = {names.get(text, text): i for text, i in vocabulary.items()}
    else:
        model["vocab"] = [[names.get(text, text), score] for text, score in vocabulary]
    if model.get("unk_token") in names:
        model["unk_token"] = names[model["unk_token"]]
    if "merges" in model:
        prefix = model.get("continuing_subword_prefix") or ""
        model["merges"] = [
            (left, right)
            for left, right in model["merges"]
            if names.keys().isdisjoint((left, right, left + right.removeprefix(prefix)))
        ]
