"""What a judge says of two sides: its answer in each order, and what both answers make together."""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

Preference = Literal["first", "second", "tie", "unreadable"]
"""Which of the two that were shown is better, by their places."""

Outcome = Literal["left", "right", "tie", "torn", "unreadable"]
"""Of both orders: a side that was preferred twice, two ties, answers that go with the place or do
not agree, and answers of which one at least cannot be read."""

SIDES = {"first": ("left", "right"), "second": ("right", "left")}
"""The side that stands first and second, where the left one is shown first, or second."""


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
        sides = []
        for answer, place in ((self.left_first, 0), (self.left_second, 1)):
            if answer.preferred == "unreadable":
                return "unreadable"
            sides.append("tie" if answer.preferred == "tie" else SIDES[answer.preferred][place])
        return sides[0] if sides[0] == sides[1] else "torn"

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
