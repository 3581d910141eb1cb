"""The rules: what in a first message speaks for each category. Each reads a normalized text."""

import re
from collections.abc import Callable, Mapping

from arena.categories import words
from arena.categories.phrases import NUMBER, phrase_pattern, split

LONG = 500
"""Characters from which a message is a longer query."""

CHAT = 200
"""Characters up to which a message may be small talk."""

FURTHER = 8
"""Words beside a greeting, thanks and the like, from which on a message asks for something."""


def _any(lines: str) -> str:
    return phrase_pattern(split(lines)).pattern


CODE_MARKS = re.compile(
    r"'''|^[ \t]{0,16}(?:def \w+\(|class \w+ ?[:({]|import [\w.]+;?$|from [\w.]+ import|#include"
    r"|using [\w.]+;|public (?:class|static|void|int|string)|func \w+\(|fn \w+\()"
    r"|\bconsole\.\w|=>|\)\s?\{|;\s*$|\bselect\b[^?!]{1,200}\bfrom\b|</?[a-z]{1,10}>|\b\w++\(\)"
    r"|\b[a-z]{2,20}(?:error|exception)\b|\b\w++\.(?:py|js|ts|java|cpp|rs|sh|sql|ya?ml|html|css)\b",
    re.MULTILINE,
)
CODE_WORDS = phrase_pattern(split(words.CODE))
MATHEMATICS_WORDS = phrase_pattern(split(words.MATHEMATICS))
MATHEMATICS_MARKS = re.compile(
    r"\d\s?[+*×÷·^]\s?\d|\d\s?/\s?\d+\s?=|^\s*\d[\d\s.,]*[-−]\s?\d[\d\s=?]*$"
    r"|\d\s?(?:mal|fois|por)\s?\d"
    r"|\b[a-z]\s?[\^²³]|\b[fgh]\([a-z]\)|\d?[a-z]\s?[+−-]\s?\d*[a-z]?\s?=|=\s?0\b|[√∫∑≤≥π]"
    r"|\d\s?%\s(?:of|von|de|del)\s\D{0,12}\d|\bprove\s(?:that|in)|\bshow\sthat\b|\bbeweise\b"
    r"|\bprobar\sque\b|\bconvert\s\d"
)
NUMBERS = re.compile(rf"(?<!\w){NUMBER}(?!\w)|\d+(?:[.,]\d+)?")
HOW_MUCH = phrase_pattern(
    split(
        "how much|how many|how long|how far|how fast|how high|how old|how tall|at what speed"
        "|when does it|what is the sum|wie viel|wie viele|wie lange|wie weit|wie hoch|wie alt"
        "|wie schnell|combien|quelle est la|quel est son|cuánto|cuántos|cuánta|cuántas"
    )
)
MADE = re.compile(
    rf"{_any(words.MAKE)}(?:(?!summar|review|analys|essay|feedback|e-?mail|zusammenfass|résum|resum)"
    rf".){{0,80}}?{_any(words.CREATIVE)}",
    re.DOTALL,
)
NAMED = re.compile(
    rf"^\W*(?:(?:a|an|short|funny|ein|eine|kurzes|un|une|una)\s)*{_any(words.CREATIVE)}"
    r"\s(?:about|on|between|for|über|zwischen|sur|entre|sobre)\b"
)
ROLE = re.compile(
    r"^\W*(?:you\sare|you're|du\sbist|tu\ses|eres)\s(?!(?:a|an|ein|eine|un|une)?\s?"
    r"(?:helpful|expert|experienced|senior|professional|stupid|funny|robot|hilf|expert|robot))"
    r".{10,200}?\b(?:i|i'm|i\sam|ich|je|yo)\b|" + _any(words.ROLE_PLAY),
    re.DOTALL,
)
FORM = phrase_pattern(split(words.FORM))
COUNT = re.compile(rf"(?<!\w){NUMBER}\s(?:\w+\s)?{_any(words.UNITS_OF_TEXT)}")
TRANSLATION = phrase_pattern(split(words.TRANSLATION))
NAMES_OF_LANGUAGES = _any(words.LANGUAGES)
INTO = re.compile(
    rf"(?<!\w)(?:in|into|to|my|from|auf|ins|im|aus|en|au|al|du|del)\s{NAMES_OF_LANGUAGES}"
    rf"|{NAMES_OF_LANGUAGES}\s(?:word|verb|grammar|sentence|noun|phrase|proverb)"
)
MEANS = re.compile(
    r"(?:what\sdoes|was\sheißt|was\sbedeutet|que\sveut\sdire|qué\ssignifica)\s\"[^\"\n]{1,40}\""
    r"|(?:between|zwischen|entre)\s\"[^\"\n]{1,20}\"|\"\s(?:or|oder|ou|o)\s\"[^\"\n]{1,20}\""
)
IN_LANGUAGE = re.compile(
    rf"\b(?:answer|reply|respond|write|comments|antwort\w*|schreib\w*|kommentare|réponds|écris"
    rf"|responde|escribe)\s(?:\w+\s)?(?:in|auf|en)\s{NAMES_OF_LANGUAGES}"
)
SMALL_TALK = phrase_pattern(split(words.SMALL_TALK))
GREETING = re.compile(rf"^\W*+(?:{_any(words.GREETING)}\W*+)++")
WORD = re.compile(r"\w+")


def code(text: str) -> bool:
    """Code, or a question about programming."""
    return bool(CODE_MARKS.search(text) or CODE_WORDS.search(text))


def mathematics(text: str) -> bool:
    """Something to calculate, to solve or to prove; numbers and a question for one are enough."""
    if MATHEMATICS_WORDS.search(text):
        return True
    if CODE_MARKS.search(text):
        return False  # its signs are not those of a formula
    if MATHEMATICS_MARKS.search(text):
        return True
    return bool(HOW_MUCH.search(text)) and len(NUMBERS.findall(text)) > 1


def creative_writing(text: str) -> bool:
    """A text of imagination is asked for, or a role to play."""
    return any(pattern.search(text) for pattern in (MADE, NAMED, ROLE))


def instruction_following(text: str) -> bool:
    """The form of the reply is given: how long, in what form, with or without which words."""
    return any(pattern.search(text) for pattern in (FORM, COUNT, IN_LANGUAGE))


def longer_query(text: str) -> bool:
    """LONG characters or more."""
    return len(text) >= LONG


def languages(text: str) -> bool:
    """A translation, or a question about a language."""
    return any(pattern.search(text) for pattern in (TRANSLATION, INTO, MEANS))


def small_talk(text: str) -> bool:
    """A greeting, thanks, or something about the one who answers, and FURTHER words at most."""
    if len(text) > CHAT:
        return False
    rest, found = SMALL_TALK.subn(" ", GREETING.sub("", text))
    words_left = len(WORD.findall(rest))
    return not words_left or (bool(found) and words_left <= FURTHER)


RULES: Mapping[str, Callable[[str], bool]] = {
    "code": code,
    "mathematics": mathematics,
    "creative_writing": creative_writing,
    "instruction_following": instruction_following,
    "longer_query": longer_query,
    "languages": languages,
    "small_talk": small_talk,
}
"""What is asked of every message. "hard_prompt" follows from `criteria`."""
