"""What one vote did to the ratings of the two it was about."""

from arena.ballot import CHOICES, Counts
from arena.rating import estimates
from arena.records import Reveal, Tally


def effect(before: Tally, reveal: Reveal) -> dict[str, tuple[float, float]]:
    """Rating before and after the vote by contender id: left's, then right's.

    before: the tally without this vote. A vote that does not count, or "both bad", moves nothing.
    """
    ids = (reveal.left.id, reveal.right.id)
    counts = Counts.of(before.outcomes, ids)  # these two come first
    old = new = estimates(counts).tolist()
    if reveal.counted:
        table = counts.table.copy()
        table[0, 1, CHOICES.index(reveal.choice)] += 1
        new = estimates(Counts(counts.names, table)).tolist()
    return dict(zip(ids, zip(old, new, strict=True), strict=False))
