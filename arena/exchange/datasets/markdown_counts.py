"""Lengths and markdown of a side's replies, split as Chatbot Arena's published votes split them."""

import re
from collections.abc import Iterable, Mapping

from arena.db.turn_features import FENCE, MARKS

CHARACTERS_OF_TOKEN = 4
"""About so many characters are one token. Each member counts by its own vocabulary, and a length
that is to be compared needs one measure for both sides."""

NUMBERED = re.compile(r"^ *\d+[.)] +\S", re.MULTILINE)

Counts = Mapping[str, Mapping[str, int]]


def token_estimate(characters: int) -> int:
    """Tokens of so many characters, rounded up."""
    return -(-characters // CHARACTERS_OF_TOKEN)


def markdown_counts(replies: Iterable[str]) -> Counts:
    """Headers by level, list items by kind and bold parts by sign; none in blocks of code.

    What is a header, an item and a bold part is as in `arena.db.turn_features`.
    """
    headers = dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), 0)
    items = {"ordered": 0, "unordered": 0}
    bold = {"**": 0, "__": 0}
    for reply in replies:
        prose = FENCE.sub("", reply) if "```" in reply else reply
        if "#" in prose:
            for header in MARKS["headers"].findall(prose):
                headers[f"h{len(header) - len(header.lstrip('#'))}"] += 1
        ordered = len(NUMBERED.findall(prose))
        items["ordered"] += ordered
        items["unordered"] += len(MARKS["lists"].findall(prose)) - ordered
        if "**" in prose or "__" in prose:
            for part in MARKS["bold"].findall(prose):
                bold[part[:2]] += 1
    return {"header_count": headers, "list_count": items, "bold_count": bold}
