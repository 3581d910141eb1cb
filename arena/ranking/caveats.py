"""What limits the numbers of a board, in sentences: nobody met, undefeated, never connected."""

from collections.abc import Iterable, Sequence

import numpy as np

from arena.ranking.ballots import PairCounts


def caveats(counts: PairCounts) -> tuple[str, ...]:
    """The sentences; none where nothing limits what the intervals say."""
    names, points = counts.names, counts.points
    if not names:
        return ("There are no contenders.",)
    if len(names) == 1:
        return (f"{names[0]} is the only contender: there is nobody to compare it with.",)
    if not points.any():
        return ("No battle has been decided yet: every rating is only the starting value.",)
    scored, conceded = points.sum(1), points.sum(0)
    groups = [group for group in counts.groups() if len(group) > 1]
    sentences = []
    for verdict, hit in (
        ("no decided battles yet: the rating is only the starting value", scored + conceded == 0),
        ("won every battle: the rating is a lower estimate", (scored > 0) & (conceded == 0)),
        ("lost every battle: the rating is an upper estimate", (conceded > 0) & (scored == 0)),
    ):
        who = [names[i] for i in np.flatnonzero(hit)]
        if who:
            sentences.append(f"{join_names(who)} {'has' if len(who) == 1 else 'have'} {verdict}.")
    if len(groups) > 1:
        apart = "; ".join(join_names(group) for group in groups)
        sentences.append(f"These groups never met, so ratings across them say nothing: {apart}.")
    return tuple(sentences)


def join_names(names: Iterable[str]) -> str:
    """Names as a sentence has them: a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def join_first(names: Sequence[str], most: int = 8) -> str:
    """The same, but of more than `most` only the first, and how many others."""
    if len(names) <= most:
        return join_names(names)
    return join_names([*names[: most - 2], f"{len(names) - most + 2:,} others"])
