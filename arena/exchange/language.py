"""The code of a language, from what a file calls it: a code, a tag with a region, or a name."""

from functools import lru_cache

import langcodes

UNKNOWN = "und"
NO_LANGUAGE = ("und", "unk", "mul", "mis", "zxx")
"""Codes that stand for no one language."""


@lru_cache(maxsize=10_000)
def language_code(told: str) -> str:
    """Two letters (ISO 639-1) where the language has them, else three; "und" where it is none.

    "Polish", "pl-PL" and "pol" are all "pl". A region or a script is left out.
    """
    tag = told.strip().replace("_", "-")
    head = tag.partition("-")[0].lower()
    if len(head) in (2, 3) and langcodes.tag_is_valid(head):
        found = langcodes.Language.get(head).language
        # Some codes of two letters are replaced by one of three: Tagalog by Filipino.
        code = head if found is None or len(found) > len(head) else found
        return UNKNOWN if code in NO_LANGUAGE else code
    if len(head) < 3:
        return UNKNOWN
    try:
        return langcodes.find(tag.replace("-", " ")).language or UNKNOWN
    except LookupError:
        return UNKNOWN
