"""Elo: the rating after each vote, for the time line. A line over time, not a ranking."""

from collections.abc import Iterable, Iterator

START = 1000.0


def elo(
    votes: Iterable[tuple[str, str, str]], k: float = 4, start: float = START
) -> Iterator[dict[str, float]]:
    """The ratings after each vote (left, right, choice): one dict that grows, not a copy each.

    R += k (s - 1/(1 + 10^((R_other - R)/400))), s = 1, ½ or 0 (Elo 1978). Depends on the order
    of the votes: a line over time, not a ranking. Both bad moves nobody.
    """
    ratings: dict[str, float] = {}
    for left, right, choice in votes:
        a, b = ratings.setdefault(left, start), ratings.setdefault(right, start)
        if choice != "both_bad":
            score = {"left": 1.0, "tie": 0.5, "right": 0.0}[choice]
            gain = k * (score - 1 / (1 + 10 ** ((b - a) / 400)))
            ratings[left], ratings[right] = a + gain, b - gain
        yield ratings
