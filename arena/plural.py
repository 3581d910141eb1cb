"""How many of something there are, in words."""


def many(count: int, what: str) -> str:
    """A count with its noun: "1 vote", "1,000 votes"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
