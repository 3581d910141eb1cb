"""The letter that an answer begins with: how a judge in words says which one it prefers."""

import re
from functools import cache

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def leading_letter(answer: str, letters: str) -> str | None:
    """The one of `letters` that an answer begins with, alone or as in "Reply A", "The better one is
    B", "A is …"; None where it begins with none of them, or names two. "A person" is no letter."""
    begins, names = _patterns(letters)
    found = begins.match(answer)
    return found[1] if found and len(set(names.findall(answer))) == 1 else None


@cache
def _patterns(letters: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of an answer that begins with a letter, and of a letter anywhere in one."""
    letter = rf"([{letters}])(?![\w'])(?! (?!is\b)[a-z])"
    words = r"(?i:(?:the )?(?:better |best )?(?:one|reply|answer|option)?(?: is)?[\W_]*){0,2}"
    return re.compile(rf"[\W_]*{words}{letter}", re.ASCII), re.compile(rf"\b{letter}", re.ASCII)
