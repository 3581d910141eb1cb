"""Texts as sentence vectors, where sentence-transformers is there: for measures and policies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sentence_transformers import SentenceTransformer


class EmbeddingError(ValueError):
    """No sentence vectors can be had; one line that names the mend."""


@dataclass(frozen=True, slots=True, eq=False)
class SentenceEmbedder:
    """Text → a vector of length one, by a model of sentence-transformers. Also a `TextFeatures`."""

    kind: ClassVar[str] = "sentences"
    model: str
    size: int
    _encoder: "SentenceTransformer" = field(repr=False)

    @classmethod
    def load(cls, model: str) -> Self:
        """The model of that folder, or of that id on the Hub. Blocks. Raises EmbeddingError."""
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise EmbeddingError(
                "sentence vectors need a package that is not here: pip install "
                "sentence-transformers, or do without them"
            ) from None
        try:
            encoder = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())[:200]
            raise EmbeddingError(f"no sentence model {model!r}: {reason}") from None
        return cls(model, int(encoder.get_embedding_dimension()), encoder)

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """(n, size) float32."""
        if not texts:
            return np.zeros((0, self.size), np.float32)
        return self._encoder.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The places and the vector of one text; see blend.policies.features."""
        return np.arange(self.size), self.vectors([text])[0].astype(float)

    def matrix(self, texts: Sequence[str]) -> "csr_matrix":
        """(n, size) for many texts."""
        from scipy.sparse import csr_matrix

        return csr_matrix(self.vectors(texts))

    def description(self) -> dict[str, object]:
        """What a policy file says of it."""
        return {"kind": self.kind, "size": self.size, "model": self.model}

    def distance(self):
        """(text, text) → one less the cosine of their vectors; each text is read once."""
        vector = lru_cache(None)(lambda text: self.vectors([text])[0])
        return lambda a, b: 1 - float(vector(a) @ vector(b))
