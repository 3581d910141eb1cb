"""A board read out in one sentence: who is ahead, who is behind, and what more votes would tell."""

import math
from collections.abc import Collection

from arena.plural import two_digits
from arena.ranking.caveats import join_first, join_names
from arena.ranking.ratings import Ratings, Z

MANY = 10_000
"""More votes than this are not worth counting on: the two are as good as equal."""


def votes_needed(ratings: Ratings, a: str, b: str) -> int | None:
    """Votes still needed until a and b are told apart, if things go on as they went so far.

    The error of a difference d falls as 1/√n, so it is resolved at n (z·se/d)² votes, z = 1.96.
    n counts the votes of this pair that compare, or where they never met the fewer of what each
    has. 0: resolved now. None: no votes to judge by, or d is zero.
    """
    i, j = ratings.counts.names.index(a), ratings.counts.names.index(b)
    _, met = ratings.counts.win_rates()
    n = met[i, j] or min(met[i].sum(), met[j].sum())
    difference, error = ratings.difference(a, b)
    if not n or not difference or ratings[a].group != ratings[b].group:
        return None
    return max(0, math.ceil(n * ((Z * error / difference) ** 2 - 1)))


def summary_sentence(ratings: Ratings, focus: str, retired: Collection[str] = ()) -> str:
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
    sure = [f"ahead of {join_first(ahead)}"] if ahead else []
    sure += [f"behind {join_first(behind)}"] if behind else []
    parts = [f"{focus} is {' and '.join(sure)}"] if sure else []
    if close:
        who = (
            f"against {join_names(close)} it is"
            if parts
            else f"{focus} against {join_names(close)} is"
        )
        parts.append(f"{who} too close to call: {_votes(votes)}")
    if early:
        who = f"against {join_first(early)} it is too early to say"
        alone = f"It is too early to compare {focus} with {join_first(early)}"
        parts.append(f"{who if parts else alone}: under {ratings.minimum} battles on a side")
    if apart:
        alone = f"No battles connect {focus} with {join_first(apart)}"
        parts.append(f"no battles connect it with {join_first(apart)}" if parts else alone)
    if not parts:
        return f"{focus} is alone on the board: there is nobody to compare it with."
    return "; ".join(parts) + "."


def _votes(votes: list[int | None]) -> str:
    """About how many more votes, to two digits, one number for each comparison."""
    numbers = [
        f"over {MANY:,}" if n is None or n > MANY else f"about {two_digits(n):,}" for n in votes
    ]
    return f"{join_names(numbers)} more {'vote' if numbers == ['about 1'] else 'votes'}"
