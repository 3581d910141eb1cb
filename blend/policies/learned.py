"""A policy fitted on logged turns: P(n | history) = softmax of what each member would earn there.

Blending Is All You Need (arXiv 2401.02994) leaves this to future work: a classifier on the history,
trained on feedback, in place of the uniform draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from blend.conversation import Conversation
from blend.policies.features import HistoryFeatures
from blend.policies.policy import EPSILON, rows_with_floor, with_floor

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """softmax(β · (features · weights + bias)) over those that are up, with a floor.

    weights (F, N) and bias (N,) are in log-odds of the reward. digests: what each member was when
    the log was kept. provenance: how it was fitted, for readers.
    inverse_temperature: β, how sharply it follows what it expects; 0 is the uniform policy.
    """

    name: ClassVar[str] = "learned"
    reads_message: ClassVar[bool] = True
    traits: HistoryFeatures
    weights: np.ndarray
    bias: np.ndarray
    inverse_temperature: float
    digests: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, object] = field(default_factory=dict)
    epsilon: float = EPSILON

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        places, values = self.traits.row(conversation)
        scores = values @ self.weights[places] + self.bias
        known = self.traits.members
        up = np.array([scores[known.index(member)] for member in members])
        strength = softmax(self.inverse_temperature * up).tolist()
        return with_floor(dict(zip(members, strength, strict=True)), self.epsilon)

    def table(self, features: "csr_matrix", up: np.ndarray) -> np.ndarray:
        """(n, N) chances for many turns at once; up: (n, N) bool, who was."""
        scores = np.asarray(features @ self.weights) + self.bias
        return floored_softmax(scores, up, self.inverse_temperature, self.epsilon)

    def changed_members(self, digests: Mapping[str, str]) -> list[str]:
        """The members that are not what they were when the log was kept, by their digests."""
        known = self.digests.items()
        return [name for name, digest in known if digests.get(name, digest) != digest]


def softmax(scores: np.ndarray) -> np.ndarray:
    """exp(s) / Σ exp(s) along the last axis; -inf is a chance of zero."""
    strength = np.exp(scores - scores.max(-1, keepdims=True))
    return strength / strength.sum(-1, keepdims=True)


def floored_softmax(
    scores: np.ndarray, up: np.ndarray, inverse_temperature: float, epsilon: float
) -> np.ndarray:
    """(n, N) softmax of β · scores over those that are up, none of them below the floor."""
    return rows_with_floor(
        softmax(np.where(up, inverse_temperature * scores, -np.inf)), up, epsilon
    )
