"""Conversations in which every history of writers is enumerated, so that values are exact.

For studies of policies that read who wrote before. Nothing in it is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from blend.conversation import Conversation, Draw, Turn
from blend.evaluation.logged_turns import TurnTable, folds
from blend.policies.policy import Policy

FOLDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class WriterHistories:
    """N members, and the N^t histories of t replies, for t = 0 … turns - 1.

    Histories of t replies are numbered by their writers: h is followed by h·N + m where m writes.
    quality: (N,) chance that a visitor likes a member's reply. hand_off: how much less likely that
    is where another member wrote the reply before. mood: how far a visitor's own mood moves it,
    either way, for a whole conversation.
    """

    members: tuple[str, ...]
    quality: np.ndarray
    hand_off: float = 0.0
    mood: float = 0.1
    turns: int = 6

    def chances(self, policy: Policy) -> list[np.ndarray]:
        """By t: (N^t, N) chances of the next writer after every history of t replies."""
        talks, found = [Conversation()], []
        for _ in range(self.turns):
            rows = [policy.chances(self.members, talk) for talk in talks]
            found.append(np.array([[row[m] for m in self.members] for row in rows]))
            talks = [_written(talk, member) for talk in talks for member in self.members]
        return found

    def liked(self, t: int) -> np.ndarray:
        """(N^t, N) chances that the reply of each member is liked, without moods."""
        n = len(self.members)
        if t == 0:
            return self.quality[None]
        handed = np.arange(n**t)[:, None] % n != np.arange(n)
        return self.quality - self.hand_off * handed

    def value(self, logging: Sequence[np.ndarray], target: Sequence[np.ndarray]) -> float:
        """What a reply earns where `target` writes it after what `logging` wrote before: exact."""
        reached, earned = np.ones(1), 0.0
        for t in range(self.turns):
            earned += float(reached @ (target[t] * self.liked(t)).sum(1))
            reached = (reached[:, None] * logging[t]).ravel()
        return earned / self.turns

    def table(
        self,
        conversations: int,
        logging: Sequence[np.ndarray],
        target: Sequence[np.ndarray],
        rng: np.random.Generator,
    ) -> tuple[TurnTable, np.ndarray]:
        """A log without texts or features, of n = conversations · turns turns; and the (n, N)
        chances of the target in it."""
        n, history = len(self.members), np.zeros(conversations, int)
        mood = self.mood * rng.choice([-1, 1], conversations)
        logged, aimed, drawn, rewards = [], [], [], []
        for t in range(self.turns):
            logged.append(logging[t][history])
            aimed.append(target[t][history])
            below = rng.random((conversations, 1)) < logged[-1].cumsum(1)
            drawn.append(np.where(below.any(1), below.argmax(1), n - 1))
            liked = self.liked(t)[history, drawn[-1]] + mood
            rewards.append(rng.random(conversations) < liked)
            history = history * n + drawn[-1]
        return TurnTable(
            members=self.members,
            features=csr_matrix((conversations * self.turns, 1), dtype=np.float32),
            chances=np.concatenate(logged),
            drawn=np.concatenate(drawn),
            rewards=np.concatenate(rewards).astype(float),
            clusters=np.tile(np.arange(conversations), self.turns),
            target_probabilities={},
        ), np.concatenate(aimed)


def mean_rewards(table: TurnTable) -> np.ndarray:
    """(n, N) what each member's replies earned in other conversations: a model of the rewards that
    knows nothing of the history. By inverse propensity scores, over thirds of the conversations."""
    fold, expected = folds(table.clusters, FOLDS), np.zeros(table.chances.shape)
    weights = table.weights(np.ones(table.chances.shape))
    for which in range(FOLDS):
        seen, n = (fold != which) & table.alone, len(table.members)
        earned = np.bincount(table.drawn[seen], (weights * table.rewards)[seen], n)
        expected[~seen] = earned / np.bincount(table.drawn[seen], weights[seen], n).clip(1e-9)
    return expected


def _written(conversation: Conversation, member: str) -> Conversation:
    """The conversation with one more reply, by that member."""
    turn = Turn("…", "…", Draw(member, 1.0, {member: 1.0}), finished=True, id="")
    return Conversation(id="", turns=(*conversation.turns, turn))
