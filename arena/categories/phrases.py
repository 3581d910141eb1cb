"""Words and phrases as one pattern that is searched in time linear in the text."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

NUMBER = (
    r"(?:\d++|one|two|three|four|five|six|seven|eight|nine|ten|twelve|zwei|drei|vier|fünf|sechs"
    r"|sieben|acht|neun|zehn|deux|trois|quatre|cinq|sept|huit|neuf|dix|dos|tres|cuatro|cinco|seis"
    r"|siete|ocho|nueve|diez)"
)
"""A count in digits, or written out."""

QUOTES = str.maketrans("“”„«»‘’´`", '"""""\'\'\'\'')


def normalize(text: str) -> str:
    """A text as the patterns have it: composed characters, small letters, plain quotation marks."""
    return unicodedata.normalize("NFC", text).lower().translate(QUOTES)


def phrase_pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the phrases as whole words, in a text that is normalized.

    Between two words of a phrase any white space may stand; a word that ends in `*` may go on. The
    possessive quantifiers never give back a character that they took: no text makes them slow.
    """
    alternatives = sorted({r"\s++".join(map(_word, normalize(p).split())) for p in phrases})
    # Grouped by their first letter: at most places of a text one look rules all of them out.
    groups = (f"{a}(?:{'|'.join(p[len(a) :] for p in g)})" for a, g in groupby(alternatives, _head))
    return re.compile(rf"(?<!\w)(?:{'|'.join(groups)})(?!\w)")


def split(lines: str) -> list[str]:
    """The phrases of lines in which `|` stands between two."""
    return [phrase for phrase in lines.replace("\n", "|").split("|") if phrase]


def _head(pattern: str) -> str:
    return pattern[: 2 if pattern.startswith("\\") else 1]


def _word(word: str) -> str:
    return re.escape(word[:-1]) + r"\w*+" if word.endswith("*") else re.escape(word)
