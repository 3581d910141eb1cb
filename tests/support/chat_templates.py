"""Chat templates in the shape of known families, each with a tiny tokenizer that has its tokens."""

from functools import cache

import tiny_models
from chat_template_kinds import KINDS

from blend.message import Message
from blend.prompt.chat_template import SHIPPED

OF_KINDS = {"llama3": "llama 3", "chatml": "chatml default", "gemma": "gemma"}
TOKENS = {family: KINDS[kind].special for family, kind in OF_KINDS.items()}
TOKENS["mistral"] = ("<s>", "</s>", "[INST]", "[/INST]")
FAMILIES = {
    "marked": tiny_models.TEMPLATE,
    **{family: KINDS[kind].chat for family, kind in OF_KINDS.items()},
    **{path.stem: path.read_text() for path in SHIPPED.glob("*.jinja")},
}
TYPED = sorted(
    {t for tokens in (tiny_models.SPECIAL, *TOKENS.values()) for t in tokens} | {"<think>"}
)
"""What a visitor may type who knows models: every control token of every family."""

PERSONA = "Be kind. You are brief."
TALKS = (
    ("Hello there", "I am fine, thank you.", "and your dog?"),
    ("Is it 5:30?", "Yes!", "(Really?)"),
    ('Say: "hi".', "# Title\n\nText:", "Go on…"),
    ("1. One\n2. Two", '"Yes" she said.\n', "über Größe"),
)
WIDE = 100_000


def talk(*texts, system=""):
    said = [Message(("user", "assistant")[n % 2], text) for n, text in enumerate(texts)]
    return [Message("system", system)] * bool(system) + said


@cache
def tokenizer(family: str, kind: str = "bytes"):
    """The family's tokenizer: byte-level, or "first" or "always" (SentencePiece's space)."""
    special = TOKENS.get(family, tiny_models.SPECIAL)
    if kind == "bytes":
        return tiny_models.tokenizer(400, special=special, added=["<think>"])
    return tiny_models.spaced(kind, extra=special, added=["<think>"])


@cache
def vocabulary(name: str, scheme: str = "words"):
    """A tokenizer with the tokens of one of KINDS: "words", "first" or "always"; see tiny."""
    from tokenizers import AddedToken

    kind = KINDS[name]
    strip = [AddedToken(text, special=True, rstrip=True, normalized=False) for text in kind.strip]
    added = [*strip, *(AddedToken(t, special=False, normalized=False) for t in kind.plain)]
    if scheme == "words":
        return tiny_models.tokenizer(
            400, special=kind.special, added=added, words=tiny_models.WORDS
        )
    return tiny_models.spaced(scheme, extra=kind.special, added=added)


def spelt(template, ids):
    """The text of ids, control tokens included."""
    return template.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False)


def plain_ids(tokenizer, chat, messages, variables=()):
    """What transformers makes of the conversation."""
    return tokenizer.apply_chat_template(
        [{"role": message.role, "content": message.text} for message in messages],
        chat_template=chat,
        add_generation_prompt=True,
        **dict(variables),
    )["input_ids"]


def check_nothing_is_lost(messages, said):
    """Every message stands whole in what the ids say, in its order."""
    at = 0
    for message in messages:
        at = said.find(message.text.strip(), at)
        assert at >= 0, (said, message)
        at += len(message.text.strip())
