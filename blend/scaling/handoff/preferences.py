"""From a judge's verdicts to how often it prefers replies without a hand-off, by pair. Pure.

A conversation gives each pair of members one comparison. Its score is 1 where the judge prefers the
reply after own replies in both orders, 0 where it prefers the other one, and a half where it does
not decide: a tie, or answers that the order made. Intervals are by conversation.
"""

from collections.abc import Sequence

import numpy as np

from blend.evaluation.resample import Estimate
from blend.judging.agreement import choice, clustered_mean, judge_report
from blend.judging.verdicts import Verdicts
from blend.scaling.handoff.judging import ReplyPair
from blend.scaling.handoff.report import HandoffPreferences, PairPreference

SCORES = {"left": 1.0, "tie": 0.5, "right": 0.0}
"""Of a choice where the left one is the reply after own replies."""


def preferences(
    judge: str,
    pairs: Sequence[ReplyPair],
    verdicts: Sequence[Verdicts | None],
    conversations: Sequence[int],
) -> HandoffPreferences:
    """Of the replies of at least two members. verdicts: of each pair; None where both are alike.
    conversations: the number of each dialogue's, of which equal ones hang together."""
    scores = np.array([_score(each) for each in verdicts])
    clusters = np.array([conversations[pair.dialogue] for pair in pairs])
    of = np.array([(pair.earlier, pair.later) for pair in pairs])
    asked = [(v, cluster) for v, cluster in zip(verdicts, clusters, strict=True) if v]
    about = judge_report(*zip(*asked, strict=True)) if asked else None
    names = list(dict.fromkeys((pair.earlier, pair.later) for pair in pairs))
    cells = []
    for name in names:
        mine = (of == name).all(axis=1)
        own = _share(scores[mine], clusters[mine])
        strict = _share(scores[mine], clusters[mine], 1 - 0.05 / len(names))
        cells.append(PairPreference(*name, own, bool(strict and strict.side(0.5))))
    return HandoffPreferences(
        judge,
        len(asked),
        len(pairs) - len(asked),
        _share(scores, clusters),
        tuple(cells),
        about and about.unreadable,
        about and about.torn,
        about and about.position_bias,
    )


def _score(verdicts: Verdicts | None) -> float:
    """Of one comparison; nan where it cannot be read."""
    if verdicts is None:
        return 0.5
    return SCORES.get(choice(verdicts.outcome), np.nan)


def _share(scores: np.ndarray, clusters: np.ndarray, level: float = 0.95) -> Estimate | None:
    """The mean of scores (n,), with its interval by cluster; None where none can be read."""
    readable = ~np.isnan(scores)
    if not readable.any():
        return None
    return clustered_mean(scores[readable], clusters[readable], 0, 1, level)
