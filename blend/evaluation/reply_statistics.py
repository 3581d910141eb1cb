"""What the replies of a conversation look like: empty, repeating, ending, varied; and how sure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blend.conversation import Conversation
from blend.evaluation.resample import Estimate, resample

RUN = 6
"""Words in a row that may not come twice in one conversation."""


@dataclass(frozen=True, slots=True)
class PlayedConversation:
    """The measures of one conversation: shares of its replies, distinct-n, means.

    distinct: different pairs of words over all pairs, in this conversation's replies. reward: the
    mean of the reward model's logits, or 0 where none was asked.
    """

    opener: str
    corpus: str
    replies: int
    empty: float
    repeating: float
    ended: float
    distinct1: float
    distinct2: float
    words: float
    reward: float = 0.0


MEASURES = ("empty", "repeating", "ended", "distinct1", "distinct2", "words", "reward")


def words(text: str) -> list[str]:
    """The words of a text, in small letters, apart from signs."""
    return [word.lower() for word in re.findall(r"[\w']+", text)]


def runs(found: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    """All runs of that many words in a row."""
    return zip(*(found[at:] for at in range(length)), strict=False)


def repeats(conversation: Conversation) -> list[bool]:
    """For each reply whether it says a run of six words that was said before, by whomever."""
    said: set[tuple[str, ...]] = set()
    found = []
    for turn in conversation.turns:
        said.update(runs(words(turn.prompt), RUN))
        reply = words(turn.reply)
        own = set(runs(reply, RUN))
        again = len(own) < len(reply) - RUN + 1
        found.append(again or not said.isdisjoint(own))
        said |= own
    return found


def distinct(texts: Sequence[Sequence[str]], n: int) -> float:
    """Different n-grams of texts' words over all (distinct-n: Li et al., arXiv 1510.03055)."""
    grams = [gram for text in texts for gram in runs(text, n)]
    return len(set(grams)) / max(1, len(grams))


def measure(conversation: Conversation, corpus: str, reward: float = 0.0) -> PlayedConversation:
    """What one conversation shows."""
    turns, count = conversation.turns, len(conversation.turns)
    replies = [words(turn.reply) for turn in turns]
    return PlayedConversation(
        opener=turns[0].prompt,
        corpus=corpus,
        replies=count,
        empty=sum(not turn.has_reply for turn in turns) / count,
        repeating=sum(repeats(conversation)) / count,
        ended=sum(turn.usage.finish == "stop" for turn in turns) / count,
        distinct1=distinct(replies, 1),
        distinct2=distinct(replies, 2),
        words=sum(map(len, replies)) / count,
        reward=reward,
    )


def interval(values: np.ndarray, rounds: int = 2000) -> Estimate:
    """The mean, by a bootstrap over conversations."""
    over = resample(np.arange(len(values)), np.ones(len(values)), np.random.default_rng(0), rounds)
    return over.estimates(values[:, None])[0]


def statistics_table(played: Mapping[str, Sequence[PlayedConversation]]) -> str:
    """The means of every contender, as Markdown, with the intervals of reward and distinct-2."""
    lines = [
        "| contender | empty | repeating | ended | distinct-1 | distinct-2 | words | reward |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, games in played.items():
        mean = {each: interval(column(games, each)) for each in MEASURES}
        lines.append(
            f"| {name} | {mean['empty'].value:.1%} | {mean['repeating'].value:.1%} "
            f"| {mean['ended'].value:.1%} | {mean['distinct1'].value:.3f} "
            f"| {mean['distinct2']:.3f} | {mean['words'].value:.1f} | {mean['reward']:.3f} |"
        )
    return "\n".join(lines)


def column(games: Sequence[PlayedConversation], measure: str) -> np.ndarray:
    """One measure of all conversations, in their order."""
    return np.array([getattr(game, measure) for game in games])


def comparison(
    played: Mapping[str, Sequence[PlayedConversation]], focus: str, members: Sequence[str]
) -> str:
    """Sentences that say whether the blend is ahead of its members, by reward and distinct-2."""
    lines = []
    for what in ("reward", "distinct2"):
        for name in members:
            # Paired: both had the same opening lines.
            more = interval(column(played[focus], what) - column(played[name], what))
            words = {"above": "ahead of", "below": "behind", "": "not told apart from"}
            word = words[more.side()]
            lines.append(f"- {what}: {focus} is {word} {name}: {more:+.3f}")
    return "\n".join(lines)
