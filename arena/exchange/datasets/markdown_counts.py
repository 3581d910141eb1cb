"""Lengths and markdown of a side's replies, split as Chatbot Arena's published votes split them."""

import re
from collections.abc import Iterable, Mapping

from arena.db.turn_features import FENCE, MARKS

CHARACTERS_OF_TOKEN = 4
"""About so many characters are one token. Each member counts by its own vocabulary, and a length
that is to be compared needs one measure for both sides."""

HEADER = re.compile(r"(#{1,6}) +\S")
ITEM = re.compile(r" *(?:[-*+]|(\d+)[.)]) +\S")
"""Of one line, as `MARKS` has them of a text."""

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
        for line in prose.split("\n"):
            if line.startswith("#"):
                if found := HEADER.match(line):
                    headers[f"h{len(found[1])}"] += 1
            elif found := ITEM.match(line):
                items["ordered" if found[1] else "unordered"] += 1
        if "**" in prose or "__" in prose:
            for part in MARKS["bold"].findall(prose):
                bold[part[:2]] += 1
    return {"header_count": headers, "list_count": items, "bold_count": bold}
