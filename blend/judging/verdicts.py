"""What a judge says of two sides: its answer in each order, and what both answers make together."""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

Preference = Literal["first", "second", "tie", "unreadable"]
"""Which of the two that were shown is better, by their places."""

Outcome = Literal["left", "right", "tie", "torn", "unreadable"]
"""Of both orders: a side that was preferred twice, two ties, answers that go with the place or do
not agree, and answers of which one at least cannot be read."""

SIDES = {"first": ("left", "right"), "second": ("right", "left"), "tie": ("tie", "tie")}
"""What a preference says of the sides where the left one is shown first, and where second."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a judge.

    text: in its own words, or why there are none. tokens: of the prompt, and of the answer.
    """

    preferred: Preference
    text: str = ""
    tokens: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A judge's answers on the same two sides: where the left one was shown first, and second."""

    left_first: Answer
    left_second: Answer

    @property
    def outcome(self) -> Outcome:
        """What both say together; torn where the order decided."""
        answers = (self.left_first.preferred, self.left_second.preferred)
        if "unreadable" in answers:
            return "unreadable"
        side = SIDES[answers[0]][0]
        return side if side == SIDES[answers[1]][1] else "torn"

    @property
    def lean(self) -> float | None:
        """How far the place decided: 1 where the first was preferred in both orders, -1 where the
        second was, halves where one answer is a tie; None where one cannot be read."""
        score = {"first": 0.5, "second": -0.5, "tie": 0.0}
        answers = (self.left_first.preferred, self.left_second.preferred)
        if "unreadable" in answers:
            return None
        return score[answers[0]] + score[answers[1]]


VERDICTS_ROW = TypeAdapter(Verdicts)
"""Reads what `asdict` and JSON made of verdicts; a row may have more. Raises ValueError."""
