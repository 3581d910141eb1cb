"""A board read out in one sentence: who is ahead, who is behind, and what more votes would tell."""

import math
from collections.abc import Collection

from arena.plural import two_digits
from arena.ranking.caveats import join_first
from arena.ranking.ratings import Ratings
from arena.ranking.sensitivity.power import votes_growth
from arena.texts import ENGLISH, Texts

MANY = 10_000
"""More votes than this are not worth counting on: the two are as good as equal."""


def votes_needed(ratings: Ratings, a: str, b: str) -> int | None:
    """Votes of this pair still needed until a and b are told apart, if things go on as they went.

    They count those that compare, or where the two never met the fewer of what each has. 0: told
    apart now. None: no votes to judge by, or no difference. The chance is ½ then; what it rests on
    is in `arena.ranking.sensitivity.power`.
    """
    i, j = ratings.counts.names.index(a), ratings.counts.names.index(b)
    _, met = ratings.counts.win_rates()
    n = met[i, j] or min(met[i].sum(), met[j].sum())
    growth = votes_growth(*ratings.difference(a, b))
    if not n or growth is None or ratings[a].group != ratings[b].group:
        return None
    return math.ceil(n * growth)


def summary_sentence(
    ratings: Ratings, focus: str, retired: Collection[str] = (), texts: Texts = ENGLISH
) -> str:
    """What the numbers say of `focus`, who is on the board, against each other contender that is
    not retired."""
    ahead, behind, close, early, apart = [], [], [], [], []
    votes = []
    for row in ratings.rows:
        if row.name == focus or row.name in retired:
            continue
        more = votes_needed(ratings, focus, row.name)
        if row.preliminary or ratings[focus].preliminary:
            early.append(row.name)
        elif row.group != ratings[focus].group:
            apart.append(row.name)
        elif more == 0:
            (ahead if ratings.difference(focus, row.name)[0] > 0 else behind).append(row.name)
        else:
            close.append(row.name)
            votes.append(more)
    first = {"above": join_first(ahead, texts=texts), "below": join_first(behind, texts=texts)}
    sure = "_".join(["ahead"] * bool(ahead) + ["behind"] * bool(behind))
    parts = [texts(f"ranking.{sure}", who=focus, **first)] if sure else []
    for name, others, more in (
        ("close", texts.listed(close), {"votes": _votes(votes, texts)}),
        ("early", join_first(early, texts=texts), {"n": ratings.minimum}),
        ("apart", join_first(apart, texts=texts), {}),
    ):
        if others:
            also = "_too" if parts else ""
            parts.append(texts(f"ranking.{name}{also}", who=focus, others=others, **more))
    if not parts:
        return texts("ranking.alone", who=focus)
    return texts("ranking.sentence", parts=texts("ranking.then").join(parts))


def _votes(votes: list[int | None], texts: Texts) -> str:
    """About how many more votes, to two digits: a number for each comparison, or one for all."""
    if not votes:
        return ""
    numbers = [
        texts("ranking.over", votes=MANY)
        if n is None or n > MANY
        else texts("ranking.about", votes=two_digits(n))
        for n in votes
    ]
    n, same = 1 if {*votes} == {1} else 2, len({*numbers}) == 1
    more = texts("ranking.more_votes", n=n, votes=texts.listed(numbers[:1] if same else numbers))
    return texts("ranking.each", votes=more) if same and len(numbers) > 1 else more
