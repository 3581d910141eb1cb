"""Counts in words: with their noun, and rounded up."""

import math


def many(count: int, what: str) -> str:
    """A count with its noun: "1 vote", "1,000 votes"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def two_digits(n: int) -> int:
    """The number rounded up to two digits: more would be a promise."""
    step = 10 ** max(0, len(str(n)) - 2)
    return math.ceil(n / step) * step
