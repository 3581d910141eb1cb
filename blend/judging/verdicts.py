"""What a judge says of two sides: its answer in each order, and what both answers make together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

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

    @classmethod
    def of_row(cls, row: Mapping) -> "Answer":
        """Of what `asdict` and JSON made of one. Raises LookupError, TypeError or ValueError for a
        row of another kind."""
        if row["preferred"] not in get_args(Preference):
            raise ValueError(f"a preference {row['preferred']!r}")
        return cls(row["preferred"], row["text"], tuple(row["tokens"]))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A judge's answers on the same two sides: where the left one was shown first, and second."""

    left_first: Answer
    left_second: Answer

    @classmethod
    def of_row(cls, row: Mapping) -> "Verdicts":
        """Of a row that has an answer for each order, as `Answer.of_row`, and may have more."""
        return cls(Answer.of_row(row["left_first"]), Answer.of_row(row["left_second"]))

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
