"""Chat templates in the shape of known families, each with a tiny tokenizer that has its tokens."""

from functools import cache

import tiny
from chat_kinds import KINDS

from blend.conversation import Message
from blend.layout import SHIPPED

CHATML = (
    "{% if messages[0].role != 'system' %}<|im_start|>system\nBe brief.<|im_end|>\n{% endif %}"
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA3 = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content | trim }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}"
    "<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
# No system role, and messages of one speaker in a row become one.
GEMMA = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% set role = 'model' if m.role == 'assistant' else 'user' %}"
    "{% if loop.first or m.role != loop.previtem.role %}<start_of_turn>{{ role }}\n{% endif %}"
    "{{ m.content | trim }}{% if loop.last or m.role != loop.nextitem.role %}"
    "<end_of_turn>\n{% else %}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
TOKENS = {
    "llama3": ("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"),
    "chatml": ("<|endoftext|>", "<|im_end|>", "<|im_start|>"),
    "gemma": ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"),
    "mistral": ("<s>", "</s>", "[INST]", "[/INST]"),
}
FAMILIES = {
    "marked": tiny.TEMPLATE,
    "llama3": LLAMA3,
    "chatml": CHATML,
    "gemma": GEMMA,
    **{path.stem: path.read_text() for path in SHIPPED.glob("*.jinja")},
}
TYPED = sorted({t for tokens in (tiny.SPECIAL, *TOKENS.values()) for t in tokens} | {"<think>"})
"""What a visitor may type who knows models: every control token of every family."""

PERSONA = "Be kind. You are brief."
TALKS = (
    ("Hello there", "I am fine, thank you.", "and your dog?"),
    ("Is it 5:30?", "Yes!", "(Really?)"),
    ('Say: "hi".', "# Title\n\nText:", "Go on…"),
    ("1. One\n2. Two", '"Yes" she said.\n', "über Größe"),
)


def talk(*texts, system=""):
    said = [Message(("user", "assistant")[n % 2], text) for n, text in enumerate(texts)]
    return [Message("system", system)] * bool(system) + said


@cache
def tokenizer(family: str, kind: str = "bytes"):
    """The family's tokenizer: byte-level, or "first" or "always" (SentencePiece's space)."""
    special = TOKENS.get(family, tiny.SPECIAL)
    if kind == "bytes":
        return tiny.tokenizer(400, special=special, added=["<think>"])
    return tiny.spaced(kind, extra=special, added=["<think>"])


@cache
def vocabulary(name: str, scheme: str = "words"):
    """A tokenizer with the tokens of one of KINDS: "words", "first" or "always"; see tiny."""
    from tokenizers import AddedToken

    kind = KINDS[name]
    strip = [AddedToken(text, special=True, rstrip=True, normalized=False) for text in kind.strip]
    added = [*strip, *(AddedToken(t, special=False, normalized=False) for t in kind.plain)]
    if scheme == "words":
        return tiny.tokenizer(400, special=kind.special, added=added, words=tiny.WORDS)
    return tiny.spaced(scheme, extra=kind.special, added=added)
