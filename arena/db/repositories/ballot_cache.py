"""Votes as they come out of the database, page by page, kept as codes and put together as ballots.

A pile that is kept lets the next look read only what came since: a million votes take seconds to
read, and the few of the last minute nothing.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from arena.models import Source
from arena.ranking.ballots import CHOICES, Ballots
from arena.ranking.style import MARKS, contrasts

TEXTS = ("turns", "language")
"""Columns with few values, which come as parts of a key; the others come as numbers."""

UNKNOWN = ("", "und")


class Codebook(dict):
    """A number for every text, in the order in which they come; -1 for none."""

    def __missing__(self, text: str | None) -> int:
        self[text] = code = -1 if text is None else len(self) - (None in self)
        return code


class BallotCache:
    """The counted votes of a source, as far as they were read, with those columns of `Ballots`.

    last: the row up to which they were read. left_out: a mark of those of them that did not count
    then. About 20 bytes a vote and 8 for each column of numbers more; style takes 32.
    """

    def __init__(self, source: Source, columns: Sequence[str] = ()):
        self.source = source
        self.texts = tuple(c for c in columns if c in TEXTS)
        self.numbers = tuple(c for c in columns if c not in TEXTS)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.last, self.left_out = 0, (0, 0.0)
        self._people, self._kinds = Codebook(), Codebook()
        self._parts: dict[str, list[np.ndarray]] = {}
        self.add(None, None, [])

    def has(self, columns: Sequence[str]) -> bool:
        """Whether it was read with all of these."""
        return {*columns} <= {*self.texts, *self.numbers}

    def add(self, visitors: str | None, keys: str | None, rows: Sequence[tuple]) -> None:
        """A page: its texts, as JSON, and the numbers of each row; None becomes NaN.

        Each page of texts is one array of strings. A key is an array of its own, in a string:
        left, right and choice, then the texts.
        """
        for name, codes, page in (
            ("visitor", self._people, visitors),
            ("kind", self._kinds, keys),
        ):
            texts = json.loads(page or "[]")
            coded = np.fromiter(map(codes.__getitem__, texts), np.int32, len(texts))
            self._parts.setdefault(name, []).append(coded)
        wide = sum(2 * len(MARKS) if name == "style" else 1 for name in self.numbers)
        table = np.array(rows, float).reshape(len(rows), wide)
        for name in self.numbers:
            many = 2 * len(MARKS) if name == "style" else 1
            mine, table = table[:, :many], table[:, many:]
            page = contrasts(*np.hsplit(mine, 2)) if name == "style" else mine[:, 0].copy()
            self._parts.setdefault(name, []).append(page)

    def ballots(self) -> Ballots:
        """All of it; what a key stands for is looked at once a key, not once a vote. Ids come
        sorted."""
        for name, parts in self._parts.items():
            self._parts[name] = [np.concatenate(parts)]
        whole = {name: parts[0] for name, parts in self._parts.items()}
        kind, split = whole["kind"], [json.loads(key) for key in self._kinds]
        empty = ((),) * (3 + len(self.texts))
        left, right, choice, *others = zip(*split, strict=True) if split else empty
        names = tuple(sorted({*left, *right}))
        index = {name: i for i, name in enumerate(names)}
        columns, languages = _texts(dict(zip(self.texts, others, strict=True)))
        return Ballots(
            names,
            _taken([index[name] for name in left], kind),
            _taken([index[name] for name in right], kind),
            _taken([CHOICES.index(one) for one in choice], kind).astype(np.int8),
            whole["visitor"],
            {name: _taken(of_key, kind) for name, of_key in columns.items()}
            | {name: whole[name] for name in self.numbers},
            languages,
        )


def _texts(found: Mapping[str, Sequence]) -> tuple[dict[str, list[int]], tuple[str, ...]]:
    """The columns of texts as numbers, one for each key; and the languages there are."""
    columns: dict[str, list[int]] = {}
    languages = tuple(sorted({*found.get("language", ())} - {*UNKNOWN}))
    if "turns" in found:
        columns["turns"] = list(found["turns"])
    if "language" in found:
        columns["language"] = [
            -1 if spoken in UNKNOWN else languages.index(spoken) for spoken in found["language"]
        ]
    return columns, languages


def _taken(of_key: list[int], kind: np.ndarray) -> np.ndarray:
    return np.array(of_key, np.int32)[kind] if of_key else np.zeros(0, np.int32)
