"""What limits the numbers of a board, in sentences: nobody met, undefeated, never connected."""

from collections.abc import Sequence

import numpy as np

from arena.ranking.ballots import PairCounts
from arena.texts import ENGLISH, Texts


def caveats(counts: PairCounts, texts: Texts = ENGLISH) -> tuple[str, ...]:
    """The sentences; none where nothing limits what the intervals say."""
    names, points = counts.names, counts.points
    if not names:
        return (texts("ranking.no_contenders"),)
    if len(names) == 1:
        return (texts("ranking.only_one", who=names[0]),)
    if not points.any():
        return (texts("ranking.undecided"),)
    scored, conceded = points.sum(1), points.sum(0)
    groups = [group for group in counts.groups() if len(group) > 1]
    sentences = []
    for verdict, hit in (
        ("unmet", scored + conceded == 0),
        ("undefeated", (scored > 0) & (conceded == 0)),
        ("winless", (conceded > 0) & (scored == 0)),
    ):
        who = [names[i] for i in np.flatnonzero(hit)]
        if who:
            sentences.append(texts(f"ranking.{verdict}", n=len(who), who=texts.listed(who)))
    if len(groups) > 1:
        apart = "; ".join(texts.listed(group) for group in groups)
        sentences.append(texts("ranking.groups", groups=apart))
    return tuple(sentences)


def join_first(names: Sequence[str], most: int = 8, texts: Texts = ENGLISH) -> str:
    """Names as a sentence has them; of more than `most` only the first, and how many others."""
    if len(names) <= most:
        return texts.listed(names)
    return texts.listed([*names[: most - 2], texts("ranking.others", n=len(names) - most + 2)])
