"""The words and numbers by which files say who won."""

import re
from collections.abc import Iterable, Mapping
from reprlib import repr as brief

from arena.models import Choice

CHOICES: Mapping[str, Choice] = {
    **{"model_a": "left", "model_b": "right", "left": "left", "right": "right", "tie": "tie"},
    **dict.fromkeys(("tie (bothbad)", "both_bad", "both bad", "bothbad"), "both_bad"),
}
"""The words of Chatbot Arena's battles, and our own. They come before the names of the two."""

MORE: Mapping[str, Choice] = {
    **dict.fromkeys(("tied", "draw", "equal", "both_equal", "same", "both_good"), "tie"),
    **dict.fromkeys(("tie_(bothgood)", "tie_(both_good)"), "tie"),
    "tie_(inconsistent)": "tie",  # MT-Bench: GPT-4 preferred another one in the other order
    **dict.fromkeys(("both_are_bad", "tie_(both_bad)"), "both_bad"),
    **{"first": "left", "second": "right"},
}
"""Words that are read where neither of the two is called so, with _ for what is between words."""

SIDES: Mapping[str, Choice] = {"a": "left", "1": "left", "b": "right", "2": "right"}
SIDE = re.compile(
    r"(?:(?:model|response|answer|output|option|assistant|candidate|completion|text)_?)?"
    r"(a|b|1|2|left|right)(?:_(?:is_better|better|wins|won))?"
)
"""One of the two by its letter or number: "A", "Response 1", "a_better"."""

NUMBERS: Mapping[str, Choice] = {"1": "left", "2": "right", "0": "tie"}


class WinnerWords:
    """Words into choices; it remembers which numbers it met.

    given: words of the file's own, in lower case; they come first.
    """

    def __init__(self, given: Mapping[str, Choice] | None = None):
        self._given = given or {}
        self._numbers: set[str] = set()

    def choice(self, word: str, left: str, right: str) -> Choice:
        """Who won by a word, a number or a name. Raises ValueError where it is none of them."""
        low = word.strip().lower()
        by_name: dict[str, Choice] = {left: "left", right: "right"}
        choice = self._given.get(low) or CHOICES.get(low) or by_name.get(word)
        low = low.removesuffix(".0")
        if choice is None and low in NUMBERS:
            self._numbers.add(low)
            choice = NUMBERS[low]
        choice = choice or _by_pattern(re.sub(r"[\s_-]+", "_", low))
        if choice is None:
            known = ", ".join(CHOICES)
            raise ValueError(
                f"its winner {brief(word)} is none of {known} or its two names:"
                " say what it means by --winners"
            )
        return choice

    def unclear(self) -> str | None:
        """What is not clear about the numbers that were met, with the mend."""
        if "0" in self._numbers and "2" not in self._numbers:
            return (
                "its winners have 0 but no 2, so 0 may be a tie or the right one: say which, by"
                " --winners left=1,right=0 or --winners left=1,tie=0"
            )
        return None


def is_winner(value: object, names: Iterable[object]) -> bool:
    """Whether a text says who won between two of these names: a mere number may be a grade."""
    left, right = map(str, names)
    try:
        return isinstance(value, str) and bool(WinnerWords().choice(value, left, right))
    except ValueError:
        return False


def _by_pattern(word: str) -> Choice | None:
    if word in MORE:
        return MORE[word]
    side = SIDE.fullmatch(word)
    return side and (SIDES.get(side[1]) or side[1])
