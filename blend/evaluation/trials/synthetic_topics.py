"""Topics of which the truth is known: how good each member is on them, and the log it leaves.

For tests, for studies of coverage, and to try `fit` without visitors. Nothing in it is measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from blend.conversation import Conversation, Draw, Turn
from blend.evaluation.logged_turns import LoggedTurn, TurnTable
from blend.policies.policy import Policy

COMMON = (
    *("the", "you", "and", "what", "is", "it", "can", "do", "to", "me", "a", "of", "for", "how"),
    *("i", "about", "tell", "so", "like", "that", "one"),
)
SYLLABLES = (
    *("ba", "de", "fi", "go", "hu", "ka", "le", "mi"),
    *("no", "pu", "ra", "se", "ti", "vo", "wu", "za"),
)


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticTopics:
    """quality: (topics, members) chance that a visitor likes the member's reply on that topic.

    mood: how far a visitor's own mood moves that chance, either way, for a whole conversation;
    qualities keep so far from 0 and 1. stays: the chance that the next message keeps the topic.
    length: mean turns of a conversation.
    """

    members: tuple[str, ...]
    quality: np.ndarray
    mood: float = 0.1
    stays: float = 0.7
    length: float = 4.0

    @classmethod
    def specialists(cls, members: int, good: float = 0.8, poor: float = 0.35) -> "SyntheticTopics":
        """As many topics as members; each member is good on one of them and poor elsewhere."""
        quality = np.full((members, members), poor)
        np.fill_diagonal(quality, good)
        return cls(tuple(f"m{n}" for n in range(members)), quality)

    def log(self, turns: int, policy: Policy, rng: np.random.Generator) -> Iterator[LoggedTurn]:
        """At least `turns` turns, whole conversations, as `policy` would have logged them."""
        left = turns
        while left > 0:
            for logged, _ in self.conversation(policy, rng):
                left -= 1
                yield logged

    def conversation(
        self, policy: Policy, rng: np.random.Generator
    ) -> Iterator[tuple[LoggedTurn, np.ndarray]]:
        """One conversation, each turn with the (N,) true chances of a reward."""
        mood = self.mood * (1 if rng.random() < 0.5 else -1)
        topic = int(rng.integers(len(self.quality)))
        talk = Conversation()
        for _ in range(int(rng.geometric(1 / self.length))):
            talk = talk.ask(self.words(topic, rng))
            chances = policy.chances(self.members, talk)
            below = rng.random() < np.cumsum(list(chances.values()))
            which = int(below.argmax()) if below.any() else len(below) - 1
            member, truth = self.members[which], self.quality[topic] + mood
            draw = Draw(member, chances[member], chances)
            yield LoggedTurn(talk, draw, float(rng.random() < truth[which])), truth
            said = Turn(talk.turns[-1].prompt, self.words(topic, rng), draw, finished=True)
            talk = replace(talk, turns=(*talk.turns[:-1], said))
            if rng.random() > self.stays:
                topic = int(rng.integers(len(self.quality)))

    def table(
        self, conversations: int, logging: np.ndarray, rng: np.random.Generator
    ) -> tuple[TurnTable, np.ndarray]:
        """A log as arrays, without words: the topic itself, one of T, is the feature; and (n,) it.

        logging: (topics, members) chances of the draws.
        """
        lengths = rng.geometric(1 / self.length, conversations)
        cluster = np.repeat(np.arange(conversations), lengths)
        first = np.r_[True, cluster[1:] != cluster[:-1]]
        topic = rng.integers(len(self.quality), size=len(cluster))
        stays = (rng.random(len(cluster)) < self.stays) & ~first
        # Each turn has the topic of the last one, itself included, that did not stay.
        topic = topic[np.maximum.accumulate(np.where(stays, 0, np.arange(len(cluster))))]
        mood = self.mood * rng.choice([-1, 1], conversations)[cluster]
        chances = logging[topic]
        below = rng.random((len(cluster), 1)) < chances.cumsum(1)
        drawn = np.where(below.any(1), below.argmax(1), len(self.members) - 1)
        liked = rng.random(len(cluster)) < self.quality[topic, drawn] + mood
        features = csr_matrix(np.eye(len(self.quality), dtype=np.float32)[topic])
        return TurnTable(
            self.members, features, chances, drawn, liked.astype(float), cluster, {}
        ), topic

    def words(self, topic: int, rng: np.random.Generator) -> str:
        """A message or a reply on a topic: its own words among those that all topics share."""
        said = [COMMON[n] for n in rng.integers(0, len(COMMON), 8).tolist()]
        for place, rank in zip(rng.integers(0, 8, 4).tolist(), rng.zipf(1.6, 4).tolist(),
                               strict=True):  # fmt: skip
            said[place] = topic_word(topic, min(rank, 200))
        return " ".join(said)


def topic_word(topic: int, rank: int) -> str:
    """The same word for the same topic and rank, and no other's."""
    return SYLLABLES[topic % 16] + SYLLABLES[rank % 16] + SYLLABLES[rank // 16] + str(topic // 16)
