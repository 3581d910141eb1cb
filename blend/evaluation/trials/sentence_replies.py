"""Replies whose sentences are drawn one by one, in a world where it is known what each is worth.

For a study of what their log tells of members that write whole replies. Nothing in it is measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from blend.evaluation.logged_turns import SEVERAL, TurnTable
from blend.evaluation.off_policy import evaluate_policy
from blend.evaluation.trials.writer_histories import mean_rewards

MOST = 12
"""Sentences of a reply: its limit of tokens."""


@dataclass(frozen=True, slots=True, eq=False)
class SentenceReplies:
    """quality: (N,) chance that a visitor likes a reply that the member alone wrote; of one by
    several it is the mean over its sentences, less `hand_off`. stops: (N,) chance that a member
    ends the reply with its sentence. mood: how far a visitor's own mood moves what they like,
    either way, for a whole conversation. turns: of a conversation.
    """

    members: tuple[str, ...]
    quality: np.ndarray
    stops: np.ndarray
    hand_off: float = 0.1
    mood: float = 0.1
    turns: int = 6

    def value(self, target: np.ndarray) -> float:
        """What a reply earns that one member writes, drawn by (N,) chances: exact."""
        return float(target @ self.quality)

    def table(self, conversations: int, rng: np.random.Generator) -> TurnTable:
        """The log of n = conversations · turns replies with uniform draws, without features."""
        n, size = len(self.members), conversations * self.turns
        drawn = rng.integers(n, size=(size, MOST))
        ends = rng.random((size, MOST)) < self.stops[drawn]
        ends[:, -1] = True
        sentences = ends.argmax(1) + 1
        there = np.arange(MOST) < sentences[:, None]
        alone = ((drawn == drawn[:, :1]) | ~there).all(1)
        liked = (self.quality[drawn] * there).sum(1) / sentences - self.hand_off * ~alone
        cluster = np.repeat(np.arange(conversations), self.turns)
        mood = self.mood * rng.choice([-1, 1], conversations)[cluster]
        return TurnTable(
            members=self.members,
            features=csr_matrix((size, 1), dtype=np.float32),
            chances=np.repeat((1.0 / n**sentences)[:, None], n, axis=1),
            drawn=np.where(alone, drawn[:, 0], SEVERAL),
            rewards=(rng.random(size) < liked + mood).astype(float),
            clusters=cluster,
            target_probabilities={},
        )


def sentence_trials(
    runs: int, rng: np.random.Generator, conversations: int
) -> Iterator[dict[str, bool]]:
    """Whether each method's interval held what members earn that write whole replies, judged by a
    log in which every sentence was drawn, in worlds drawn anew.

    Of s sentences N draws leave a reply to one member with the chance N^(1-s), and the weights have
    a finite variance only where members end a reply with a chance above 1 - 1/N at each sentence.
    """
    for _ in range(runs):
        quality, stops = rng.uniform(0.35, 0.85, 2), rng.uniform(0.55, 0.85, 2)
        world = SentenceReplies(("a", "b"), quality, stops, float(rng.uniform(0, 0.2)))
        table, target = world.table(conversations, rng), rng.dirichlet((1, 1))
        chances = np.tile(target, (len(table), 1))
        value, truth = evaluate_policy(chances, table, mean_rewards(table)), world.value(target)
        yield {e.method: e.low <= truth <= e.high for e in (value.ips, value.snips, value.dr)}
