"""Logged turns: what was said until a draw, the draw, and what its reply earned."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from blend.conversation import Conversation, Draw
from blend.policies.features import HistoryFeatures
from blend.policies.learned import Learned
from blend.policies.policy import Policy

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BATCH = 5_000  # turns that are encoded at a time
SEVERAL = -1
"""In the place of a member, where several wrote a reply."""


@dataclass(frozen=True, slots=True)
class LoggedTurn:
    """One logged turn. The conversation ends with the message that the reply was for.

    further: the later draws of a reply that was drawn anew for every sentence.
    """

    conversation: Conversation
    draw: Draw
    reward: float
    further: tuple[Draw, ...] = ()

    @property
    def writer(self) -> str | None:
        """The member of all draws; None where they are several's."""
        shared = any(each.member != self.draw.member for each in self.further)
        return None if shared else self.draw.member

    @property
    def chances(self) -> dict[str, float]:
        """How likely each member was to be that of all draws: the product of its chances."""
        chances = dict(self.draw.chances)
        for each in self.further:
            chances = {m: chance * each.chances.get(m, 0.0) for m, chance in chances.items()}
        return chances


@dataclass(frozen=True, slots=True, eq=False)
class TurnTable:
    """Logged turns as arrays: n turns, N members, F features.

    features: (n, F) float32. chances: (n, N) as logged, 0 for members that were down. drawn: (n,)
    index of the member, SEVERAL where each sentence was drawn and not all had the same one; chances
    are then those of a member to write all sentences. rewards: (n,) 0 … 1. clusters: (n,) number of
    the conversation. target_probabilities: what policies that draw once a reply would have done,
    (n, N) each, 0 for members that were down.
    """

    members: tuple[str, ...]
    features: "csr_matrix"
    chances: np.ndarray
    drawn: np.ndarray
    rewards: np.ndarray
    clusters: np.ndarray
    target_probabilities: Mapping[str, np.ndarray]

    @classmethod
    def of(
        cls,
        rows: Iterable[LoggedTurn],
        traits: HistoryFeatures,
        policies: Mapping[str, Policy] | None = None,
    ) -> "TurnTable":
        """The table of rows read once: texts are encoded in batches and let go.

        Raises ValueError for a turn whose draw knows a member that the traits does not.
        """
        from scipy.sparse import csr_matrix, vstack

        index = {member: n for n, member in enumerate(traits.members)}
        policies, numbers = policies or {}, {}
        blocks, drawn, rewards, clusters = [], array("i"), array("f"), array("i")
        chances: list[np.ndarray] = []
        targets: dict[str, list[np.ndarray]] = {name: [] for name in policies}
        rows = iter(rows)
        while batch := list(islice(rows, BATCH)):
            blocks.append(traits.matrix([row.conversation for row in batch]))
            chances.append(_matrix_of([row.chances for row in batch], index))
            for name, policy in policies.items():
                targets[name].append(_target(policy, batch, chances[-1] > 0, index))
            for row in batch:
                drawn.append(SEVERAL if row.writer is None else index[row.writer])
                rewards.append(row.reward)
                clusters.append(numbers.setdefault(row.conversation.id, len(numbers)))
        empty = np.zeros((0, len(index)))
        return cls(
            members=traits.members,
            features=vstack(blocks, format="csr") if blocks else csr_matrix((0, traits.size)),
            chances=np.concatenate([empty, *chances]),
            drawn=np.asarray(drawn, np.int32),
            rewards=np.asarray(rewards, float),
            clusters=np.asarray(clusters, np.int32),
            target_probabilities={
                name: np.concatenate([empty, *parts]) for name, parts in targets.items()
            },
        )

    def __len__(self) -> int:
        return len(self.drawn)

    @property
    def alone(self) -> np.ndarray:
        """(n,) whether one member wrote the whole reply."""
        return self.drawn != SEVERAL

    def weights(self, target: np.ndarray) -> np.ndarray:
        """(n,) how much likelier what was drawn is under a policy of the chances `target`, (n, N),
        that draws once a reply: π(a)/p(a), where p(a) is the product over all sentences; 0 where
        several members wrote the reply, which that policy never does."""
        drawn = np.arange(len(self)), self.drawn
        chances = np.where(self.alone, self.chances[drawn], 1.0)
        return np.where(self.alone, target[drawn] / chances, 0.0)

    def select(self, rows: np.ndarray | slice) -> "TurnTable":
        """Some of its turns."""
        per_turn = ("features", "chances", "drawn", "rewards", "clusters")
        part = {name: getattr(self, name)[rows] for name in per_turn}
        targets = {name: target[rows] for name, target in self.target_probabilities.items()}
        return replace(self, **part, target_probabilities=targets)


def _target(
    policy: Policy, batch: Sequence[LoggedTurn], up: np.ndarray, index: Mapping[str, int]
) -> np.ndarray:
    """(rows, N) chances under a policy; up: (rows, N) bool."""
    if isinstance(policy, Learned):  # all at once: one by one a million would take minutes
        order = [index[member] for member in policy.traits.members]
        features = policy.traits.matrix([row.conversation for row in batch])
        out = np.zeros(up.shape)
        out[:, order] = policy.table(features, up[:, order])
        return out
    return _matrix_of([policy.chances([*r.draw.chances], r.conversation) for r in batch], index)


def _matrix_of(chances: Sequence[Mapping[str, float]], index: Mapping[str, int]) -> np.ndarray:
    """(rows, N) of chances by name."""
    out = np.zeros((len(chances), len(index)))
    for row, by_name in enumerate(chances):
        for member, chance in by_name.items():
            if member not in index:
                known = ", ".join(index)
                raise ValueError(f"the log has a member {member!r} that is none of {known}")
            out[row, index[member]] = chance
    return out


def folds(clusters: Sequence[int], number: int) -> np.ndarray:
    """(n,) fold of each turn: whole conversations, in turn; the same for the same log."""
    return np.asarray(clusters) % number
