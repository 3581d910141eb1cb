"""Who judges: a member of a roster that is asked in words, or a reward model."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from blend.judging.answer import BEGINNING, LONGEST, readable_part, stream_answer
from blend.judging.letters import leading_letter
from blend.judging.verdicts import Answer, Preference, Verdicts
from blend.members import Member, MemberError, TooLong
from blend.members.reward_model import RewardModel, RewardModelSpec, mean_score
from blend.message import Message

REWARD = "reward:"
"""Begins the name of a judge that is a reward model; its folder follows."""

QUESTION = (
    "Choose the reply that is more helpful, correct and fitting; their order and length do not"
    " matter. Which one is better, A or B? Answer with one letter."
)
"""It stands last, and there is no system message: with one, Qwen2.5 Coder 0.5B leans to the side
shown first far more often."""

LETTERS: dict[str, Preference] = {"A": "first", "B": "second"}


class Judge(Protocol):
    """Says which of two continuations is better. digest: the same for the same verdicts."""

    name: str
    digest: str

    async def verdicts(
        self, history: Sequence[Message], left: Sequence[Message], right: Sequence[Message]
    ) -> Verdicts:
        """Its answers in both orders on what follows the history on each side. Raises MemberError.

        left, right: the messages of each side, from its first reply on; never empty.
        """


class MemberJudge:
    """A member that is asked for a letter: greedily, both orders, each in a request of its own.

    Its answer is begun for it, where it can go on with one. What is no letter then is unreadable,
    and so is a pair that does not fit the member's window.
    """

    def __init__(self, member: Member, digest: str = ""):
        """digest: of what the member's replies come from."""
        self.name = member.name
        self.digest = hashlib.sha256(f"{digest}{QUESTION}{BEGINNING}{LONGEST}".encode()).hexdigest()
        self._member = member

    async def verdicts(
        self, history: Sequence[Message], left: Sequence[Message], right: Sequence[Message]
    ) -> Verdicts:
        return Verdicts(
            await self._answer(history, left, right), await self._answer(history, right, left)
        )

    async def _answer(
        self, history: Sequence[Message], first: Sequence[Message], second: Sequence[Message]
    ) -> Answer:
        question = (Message("user", prompt(history, first, second)),)
        text, tokens = "", (0, 0)
        try:
            async with aclosing(stream_answer(self._member, question)) as pieces:
                async for piece in pieces:
                    text += piece
                    tokens = (piece.usage.prompt_tokens, piece.usage.completion_tokens)
        except TooLong as error:
            return Answer("unreadable", error.reason)
        text = readable_part(text)
        return Answer(read_letter(text), text, tokens)


class RewardJudge:
    """A reward model: the side with the higher mean number of its replies. It knows no order."""

    def __init__(self, name: str, model: RewardModel):
        self.name = name
        self.digest = model.digest
        self._model = model

    @classmethod
    def load(cls, name: str) -> "RewardJudge":
        """The judge that is called REWARD and its folder. Raises MemberError."""
        return cls(name, RewardModel.load(name, RewardModelSpec(str(reward_folder(name)))))

    async def verdicts(
        self, history: Sequence[Message], left: Sequence[Message], right: Sequence[Message]
    ) -> Verdicts:
        a, b = [
            await asyncio.to_thread(mean_score, self._model, history, side)
            for side in (left, right)
        ]
        text = f"{a:.4f} and {b:.4f}"
        if a == b:
            return Verdicts(Answer("tie", text), Answer("tie", text))
        order: tuple[Preference, ...] = ("first", "second") if a > b else ("second", "first")
        return Verdicts(Answer(order[0], text), Answer(order[1], text))


def reward_folder(name: str) -> Path:
    """The folder of the reward model of that name. Raises MemberError where there is none."""
    folder = Path(name.removeprefix(REWARD))
    if not (folder / "config.json").is_file():
        raise MemberError(name, f"no reward model in the folder {str(folder)!r}: correct --judge")
    return folder


def prompt(history: Sequence[Message], first: Sequence[Message], second: Sequence[Message]) -> str:
    """What a judge reads: the conversation so far, the two sides, and the question."""
    parts = [f"Conversation:\n{_transcript(history)}"]
    for letter, side in zip(LETTERS, (first, second), strict=True):
        alone = len(side) == 1
        parts.append(f"Reply {letter}:\n{side[0].text if alone else _transcript(side)}")
    return "\n\n".join([*parts, QUESTION])


def _transcript(messages: Sequence[Message]) -> str:
    speakers = {"user": "Person", "assistant": "Assistant", "system": "Instructions"}
    return "\n".join(f"{speakers[each.role]}: {each.text}" for each in messages)


def read_letter(text: str) -> Preference:
    """The preference that an answer's letter tells; unreadable where it has none, or two."""
    letter = leading_letter(text, "".join(LETTERS))
    return LETTERS[letter] if letter else "unreadable"
