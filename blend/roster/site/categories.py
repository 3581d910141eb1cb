"""The host's own categories of first messages: a name, and the words and phrases that tell it."""

from collections.abc import Mapping

from blend.message import CONTROL
from blend.roster.fields import RosterError, string_list

RESERVED = (
    *("code", "mathematics", "creative_writing", "instruction_following", "longer_query"),
    *("languages", "small_talk", "hard_prompt", "no category", "unknown", "all votes"),
)
"""What the site's own categories are called, and what boards call other parts of the votes."""

WHERE = "the [categories] table"

LONGEST, MOST, MOST_PHRASES = 60, 20, 200
"""Characters of a name or a phrase, categories, and phrases of each."""


def read_categories(table: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """The [categories] table of a roster: phrases by category. Raises RosterError.

    Phrases and no regular expressions: whatever stands in them, no message takes long to search.
    """
    if len(table) > MOST:
        raise RosterError(f"{WHERE} has {len(table)} categories: name {MOST} at most")
    found: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        name = " ".join(key.split())
        if name in RESERVED or name in found:
            raise RosterError(f"{WHERE}: the name {name!r} is taken: choose another")
        _check(name, "a category cannot be called")
        if isinstance(value, str):
            mend = f'write a list of words and phrases, as in ["{value[:20]}", "bak*"]'
            raise RosterError(f"{WHERE}: {name!r} is one text, and no pattern is read: {mend}")
        phrases = string_list(value, f"{WHERE}: {name!r}", least=1)
        if len(phrases) > MOST_PHRASES:
            raise RosterError(f"{WHERE}: {name!r} has over {MOST_PHRASES} phrases: leave some out")
        for phrase in phrases:
            _check(phrase, f"{name!r} cannot have the phrase")
            if any("*" in word[:-1] or word == "*" for word in phrase.split()):
                mend = "it stands only at the end of a word that goes on, as in bak*"
                raise RosterError(f"{WHERE}: {name!r}: the * in {phrase!r} means nothing: {mend}")
        found[name] = phrases
    return found


def _check(text: str, what: str) -> None:
    if not 0 < len(text.strip()) <= LONGEST or CONTROL.search(text):
        mend = f"write 1 to {LONGEST} characters that can be seen"
        raise RosterError(f"{WHERE}: {what} {text[:LONGEST]!r}: {mend}")
