"""A board read out in one sentence: who is ahead, who is behind, and what more votes would tell."""

import math

from arena.notes import few, listed
from arena.rating import Ratings, Z

MANY = 10_000
"""More votes than this are not worth counting on: the two are as good as equal."""


def needed(ratings: Ratings, a: str, b: str) -> int | None:
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


def reading(ratings: Ratings, focus: str) -> str:
    """What the numbers say of `focus` against each other contender.

    Raises ValueError where `focus` is not on the board.
    """
    if focus not in ratings.counts.names:
        raise ValueError(f"{focus!r} is none of {', '.join(ratings.counts.names) or 'nobody'}")
    ahead, behind, close, early, apart = [], [], [], [], []
    for row in ratings.rows:
        if row.name == focus:
            continue
        votes = needed(ratings, focus, row.name)
        if row.preliminary or ratings[focus].preliminary:
            early.append(row.name)
        elif row.group != ratings[focus].group:
            apart.append(row.name)
        elif votes == 0:
            (ahead if ratings.difference(focus, row.name)[0] > 0 else behind).append(row.name)
        else:
            close.append((row.name, votes))
    return _sentence(focus, ahead, behind, close, early, apart, ratings.minimum)


def _sentence(
    focus: str,
    ahead: list[str],
    behind: list[str],
    close: list[tuple[str, int | None]],
    early: list[str],
    apart: list[str],
    minimum: int,
) -> str:
    sure = [f"ahead of {few(ahead)}"] if ahead else []
    sure += [f"behind {few(behind)}"] if behind else []
    parts = [f"{focus} is {' and '.join(sure)}"] if sure else []
    if close:
        rivals, votes = listed(name for name, _ in close), _votes([n for _, n in close])
        against = f"against {rivals} it is" if parts else f"{focus} against {rivals} is"
        parts.append(f"{against} too close to call: {votes}")
    if early:
        too_early = f"under {minimum} battles on a side"
        against = f"against {few(early)} it is too early to say"
        alone = f"It is too early to compare {focus} with {few(early)}"
        parts.append(f"{against if parts else alone}: {too_early}")
    if apart:
        alone = f"No battles connect {focus} with {few(apart)}"
        parts.append(f"no battles connect it with {few(apart)}" if parts else alone)
    if not parts:
        return f"{focus} is alone on the board: there is nobody to compare it with."
    return "; ".join(parts) + "."


def _votes(votes: list[int | None]) -> str:
    """About how many more votes, to two digits, one number for each comparison."""
    said = [
        f"over {MANY:,}" if n is None or n > MANY else f"about {_two_digits(n):,}" for n in votes
    ]
    plural = "vote" if said == ["about 1"] else "votes"
    return f"{listed(said)} more {plural}"


def _two_digits(n: int) -> int:
    step = 10 ** max(0, len(str(n)) - 2)
    return math.ceil(n / step) * step
