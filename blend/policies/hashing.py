"""Words and pairs of words of a text, hashed into buckets: what a learned policy reads of it.

scikit-learn's HashingVectorizer (signed MurmurHash3, L2 norm) makes the matrices for fitting. A
single text is done here, to the same numbers, so that a running page need not import it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import mmh3
import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# A sign of Chinese or Japanese is a word of its own: there are no spaces between words there.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
LONGEST_WORD = 40
"""Characters of a word that count: whatever is longer is no word, and would cost time."""


def grams(text: str) -> list[str]:
    """Its words in lower case, then its pairs of neighbours."""
    words = [word[:LONGEST_WORD] for word in WORD.findall(text.lower())]
    return words + [f"{a} {b}" for a, b in pairwise(words)]


@dataclass(frozen=True, slots=True)
class HashedNgrams:
    """Text → a sparse vector of `size` buckets."""

    kind: ClassVar[str] = "hashed"
    size: int

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The buckets of one text and their values: (m,) int, (m,) float; both empty for ""."""
        signed = np.array([mmh3.hash(gram) for gram in grams(text)], np.int64)
        # -2³¹ has no absolute value among int32: FeatureHasher puts it as if it were this one.
        apart = np.where(signed == -(1 << 31), (1 << 31) - self.size, np.abs(signed))
        places, which = np.unique(apart % self.size, return_inverse=True)
        values = np.bincount(which, np.where(signed >= 0, 1.0, -1.0), len(places))
        norm = np.sqrt(values @ values)
        return places, values / norm if norm else values

    def matrix(self, texts: Sequence[str]) -> "csr_matrix":
        """(n, size) for many texts."""
        from sklearn.feature_extraction.text import HashingVectorizer

        return HashingVectorizer(n_features=self.size, analyzer=grams).transform(texts)

    def description(self) -> dict[str, object]:
        """What a policy file says of it."""
        return {"kind": self.kind, "size": self.size}
