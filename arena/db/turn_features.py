"""What rules, slices and style control need to know of a text, so that it need not be stored."""

import hashlib
import re
import unicodedata
from collections import Counter

FENCE = re.compile(r"^```.*?(?:^```|\Z)", re.MULTILINE | re.DOTALL)
MARKS = {
    "headers": re.compile(r"^#{1,6} +\S", re.MULTILINE),
    "lists": re.compile(r"^ *(?:[-*+]|\d+[.)]) +\S", re.MULTILINE),
    "bold": re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__"),
}
COMMON = {
    "en": "the and you is of to what that it for how are do can my with your was have this",
    "de": "der die das und ist nicht ich wie was ein eine zu mit sie auf kann du den wir für",
    "fr": "le la les et est une des que je vous pas pour dans qui comment quel ce du au avec",
    "es": "el la los las y es una que por para qué cómo con no del se lo mi un al",
    "it": "il lo gli e è una che di per non come sono con del mi della cosa ho perché un",
    "pt": "o os as e é uma que de para não como com do da em um você por eu se",
    "nl": "de het een en is van ik je niet dat wat hoe met voor op zijn kan mijn aan er",
}
WORDS = {code: frozenset(words.split()) for code, words in COMMON.items()}
SCRIPTS = {
    "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CYRILLIC": "ru",
    "ARABIC": "ar", "GREEK": "el", "HEBREW": "he", "DEVANAGARI": "hi", "THAI": "th",
}  # fmt: skip


def features(prompt: str, reply: str) -> dict[str, int | float | str]:
    """Lengths in characters, the prompt's language and hash, and the marks in the reply.

    `ascii` is the share of the prompt's characters. Marks inside a block of code are not counted.
    """
    prose, code = FENCE.subn("", reply)
    return {
        "prompt_characters": len(prompt),
        "reply_characters": len(reply),
        "code": code,
        **{name: len(mark.findall(prose)) for name, mark in MARKS.items()},
        "ascii": round(sum(map(str.isascii, prompt)) / max(len(prompt), 1), 3),
        "language": language(prompt),
        "prompt_hash": prompt_hash(prompt),
    }


def prompt_hash(prompt: str) -> str:
    """Equal for prompts that differ only in case and spacing. It does not hide a short prompt:
    who guesses the text can check the guess."""
    return hashlib.sha256(" ".join(prompt.casefold().split()).encode()).hexdigest()[:32]


def language(text: str) -> str:
    """A guess by script and common words, as a two-letter code; "und" where nothing tells."""
    scripts = Counter(
        unicodedata.name(sign, "?").split()[0].split("-")[0] for sign in text if sign.isalpha()
    )
    if not scripts:
        return "und"
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > 0 and scripts.most_common(1)[0][0] == "CJK":
        return "ja"  # kanji outnumber the kana in many a Japanese sentence
    script = scripts.most_common(1)[0][0]
    if script != "LATIN":
        return SCRIPTS.get(script, "und")
    words = re.findall(r"[^\W\d_]+", text.lower())
    hits = {code: sum(w in common for w in words) for code, common in WORDS.items()}
    best = max(hits, key=hits.__getitem__)
    tied = list(hits.values()).count(hits[best]) > 1
    return "und" if tied or not hits[best] else best
