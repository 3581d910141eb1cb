"""What one vote did to the ratings of the two it was about."""

from arena.ballot import Counts
from arena.rating import bradley_terry
from arena.records import Reveal, Tally


def effect(before: Tally, reveal: Reveal) -> dict[str, tuple[float, float]]:
    """Rating before and after the vote by contender id: left's, then right's.

    before: the tally without this vote. A vote that does not count, or "both bad", moves nothing.
    """
    ids = (reveal.left.id, reveal.right.id)
    old = bradley_terry(Counts.of(before.outcomes, ids))
    if not reveal.counted:
        return {id: (old[id].rating, old[id].rating) for id in ids}
    new = bradley_terry(Counts.of((*before.outcomes, (*ids, reveal.choice, 1)), ids))
    return {id: (old[id].rating, new[id].rating) for id in ids}
