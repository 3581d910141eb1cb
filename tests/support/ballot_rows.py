"""Ballots of a few votes, written down one by one."""

from collections.abc import Iterable, Sequence

import numpy as np

from arena.ranking.ballots import CHOICES, Ballots


def ballots_of(rows: Iterable[tuple[str, str, str, str]], names: Sequence[str] = ()) -> Ballots:
    """Ballots of rows (left, right, choice, visitor); `names` come first, others follow sorted."""
    rows = list(rows)
    names = (*names, *sorted({name for row in rows for name in row[:2]} - set(names)))
    people = list(dict.fromkeys(person for *_, person in rows))
    columns = [
        [names.index(left) for left, *_ in rows],
        [names.index(right) for _, right, *_ in rows],
        [CHOICES.index(choice) for *_, choice, _ in rows],
        [people.index(person) for *_, person in rows],
    ]
    return Ballots(names, *(np.array(column, np.int32) for column in columns))
