"""The code of a language, from what a file calls it: a code, a tag with a region, or a name."""

from functools import lru_cache

import langcodes

NO_LANGUAGE = ("und", "unk", "mul", "mis", "zxx")  # codes that stand for no one language


@lru_cache(maxsize=10_000)
def language_code(text: str) -> str:
    """Two letters (ISO 639-1) where the language has them, else three; "und" where it is none.

    "Polish", "pl-PL" and "pol" are all "pl". A region or a script is left out.
    """
    tag = text.strip().replace("_", "-")
    head = tag.partition("-")[0].lower()
    if len(head) in (2, 3) and langcodes.tag_is_valid(head):
        known = langcodes.Language.get(head).language
        # Some codes of two letters are replaced by one of three: Tagalog by Filipino.
        code = head if known is None or len(known) > len(head) else known
        return "und" if code in NO_LANGUAGE else code
    try:
        name = tag.replace("-", " ") if len(head) > 2 else ""
        return langcodes.find(name).language or "und"
    except LookupError:
        return "und"
