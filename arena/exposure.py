"""How often each contender was drawn, and what became of those battles: the board's other half.

A ranking can be tilted by who is drawn how often and by what is left out of it, so both are public
(The Leaderboard Illusion, arXiv 2504.20879).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.ballot import Counts

Unfought = Iterable[tuple[str, str, str, int]]
"""(left, right, why, count) of battles that are in no board, see BallotBox.unfought."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """A contender's battles: with a vote that counts, with one that does not, and without one (a
    day or more ago; see BallotBox.unfought)."""

    counted: int = 0
    dropped: int = 0
    void: int = 0

    @property
    def drawn(self) -> int:
        """All of them."""
        return self.counted + self.dropped + self.void


def exposures(counts: Counts, unfought: Unfought) -> Mapping[str, Exposure]:
    """By contender id, of the counted votes by id and the rest."""
    found: dict[str, Counter[str]] = {name: Counter() for name in counts.names}
    for name, battles in zip(counts.names, counts.took_part().tolist(), strict=True):
        found[name]["counted"] = round(battles)
    for left, right, why, count in unfought:
        for name in (left, right):
            found.setdefault(name, Counter())[why] += count
    return {name: Exposure(**each) for name, each in found.items()}
