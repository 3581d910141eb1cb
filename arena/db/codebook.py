"""Texts as numbers, for columns of a million rows."""

from collections.abc import Sequence

import numpy as np


class Codebook(dict):
    """A number for every text, in the order in which they come; -1 for none."""

    def __missing__(self, text: str | None) -> int:
        self[text] = code = -1 if text is None else len(self) - (None in self)
        return code

    def encode(self, texts: Sequence[str | None]) -> np.ndarray:
        """(n,) their numbers."""
        if texts and texts.count(None) == len(texts):  # a look-up each would take its time
            return np.full(len(texts), self[None], np.int32)
        return np.fromiter(map(self.__getitem__, texts), np.int32, len(texts))

    def ranks(self, without: Sequence[str | None] = ()) -> tuple[tuple[str, ...], np.ndarray]:
        """The texts in their order, and the place of each number among them; -1 for those without,
        and as the last place for none."""
        names = tuple(sorted({*self} - {*without, None}))
        place = {name: n for n, name in enumerate(names)}
        ranks = [place.get(text, -1) for text in self if text is not None]
        return names, np.array([*ranks, -1], np.int32)
