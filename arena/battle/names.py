"""How a name is found in a text: in any spelling, and as a word of its own.

All of it takes a time that is linear in the text. To normalize a whole text would not: that sorts
the accents of each letter, and a letter may have thousands.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

EMPHASIS = "*_`~"
LONGEST_FOLD = 4
"""Signs that one sign may become: a few stand for a whole sentence."""

APART = r"[\s\-./:·\u2010-\u2015]{0,2}"
"""What may stand between the parts of a name: "Qwen 2.5", "qwen-2.5"."""

UNSPACED = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"})
"""Scripts in which a name's neighbours are no part of it."""

NEVER = "(?!)"
SHORTEST = 4
"""Letters of a name that is known by its digits or capitals, or when it is spelled out."""


class _Folds(dict[int, str]):
    """Code point → what stands in its place; filled with those that were met."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", chr(code)))
        kept = "".join(
            sign
            for sign in parts
            if sign not in EMPHASIS and unicodedata.category(sign) not in ("Mn", "Cf")
        )
        folded = unicodedata.normalize("NFC", kept)
        self[code] = folded if len(folded) <= LONGEST_FOLD else chr(code)
        return self[code]


FOLDS = _Folds({ord("\u2019"): "'"})


def folded(text: str) -> str:
    """The text without widths, accents, emphasis and signs that are not seen; with its capitals."""
    return text.translate(FOLDS)


@dataclass(frozen=True, slots=True)
class NamePatterns:
    """How a name is found. whole: in any spelling. letters: one by one ("Q-W-E-N"). adjective:
    "I am mixed" is no name; "I am Mixed" is one."""

    whole: re.Pattern[str]
    letters: re.Pattern[str]
    adjective: bool


@cache
def patterns(name: str) -> NamePatterns:
    """The patterns of a name, which are looked for in folded text in small letters."""
    text = folded(name).lower()
    parts = re.findall(r"[^\W\d_]+|\d+", text) or [text]  # runs of letters, and of digits
    letters = [re.escape(sign) for sign in text if sign.isalnum()]
    return NamePatterns(
        re.compile(APART.join(map(re.escape, parts)) if text else NEVER),
        re.compile(r"[\s\-.,·]{1,2}".join(letters) if len(letters) >= SHORTEST else NEVER),
        text.endswith(("ed", "ing")),
    )


def stands(name: NamePatterns, text: str) -> bool:
    """Whether the name stands in the text, in any spelling, and is not a part of another word."""
    return any(edges(text, *m.span()) for m in name.whole.finditer(text)) or spelled(name, text)


def spelled(name: NamePatterns, text: str) -> bool:
    """Whether the text spells the name out."""
    return any(alone(text, *m.span()) for m in name.letters.finditer(text))


def alone(text: str, start: int, end: int) -> bool:
    """Whether no letter and no digit is beside text[start:end]."""
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def edges(text: str, start: int, end: int, left: bool = True) -> bool:
    """Whether text[start:end] is a word of its own: no letter of its script is beside it."""
    before, after = text[start - 1 : start] if left else "", text[end : end + 1]
    return not (_one_word(before, text[start]) or _one_word(text[end - 1], after))


def _one_word(a: str, b: str) -> bool:
    return bool(a and b) and _script(a) == _script(b) and _script(a) not in UNSPACED


def _script(sign: str) -> str:
    """Of a letter its script, of a digit DIGIT; of anything else a word that no letter has."""
    name = unicodedata.name(sign, "").split(" ")[0].split("-")[0]
    return name if sign.isalnum() or unicodedata.category(sign)[0] == "M" else f"no {sign}"
