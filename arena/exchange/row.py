"""One row of a file of votes: its values by what they say, as they may be stored, or an error."""

import math
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from reprlib import repr as brief
from uuid import UUID

from arena.exchange.columns import NAMES, layout

LONGEST_NAME, LONGEST_ID = 200, 1000
"""Characters of a name that is shown, and of an id that is only hashed, at most."""

UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no name and no id has: control characters, and halves of characters."""

NOBODY = ("nan", "none", "null", "<na>")
"""What programs write as a text where they know no visitor; a language may be called so."""

LATEST = 1e11
"""Seconds since 1970 beyond which a time is surely meant in another unit."""

UNITS = (1, 10**3, 10**6, 10**9)
"""Times since 1970 come in seconds, or in these parts of one."""


class Row:
    """columns: those that were read so far and said anything, by what they say."""

    def __init__(self, values: Mapping[object, object]):
        self.columns: dict[str, str] = {}
        self._values = values
        self._layout = layout(tuple(values))

    def get(self, what: str) -> object:
        """The value of the first column for this that says anything; None where none does."""
        for column in self._layout.get(what, ()):
            value = self._values[column]
            if not _missing(value, NOBODY if what == "visitor" else ()):
                self.columns[what] = column
                return value
        return None

    def text(self, what: str, longest: int = LONGEST_ID) -> str | None:
        """A text or a number as a text. Raises ValueError where it may not be stored."""
        value = self.get(what)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | UUID):
            raise self._wrong(what, "is no text and no number")
        text = str(value).strip(" \t\r\n")
        if len(text) > longest:
            raise self._wrong(what, f"has {len(text):,} characters, over {longest:,}")
        if UNFIT.search(text):
            raise self._wrong(what, "has control characters")
        return text

    def name(self, what: str) -> str:
        """The same; raises ValueError also where there is none."""
        name = self.text(what, LONGEST_NAME)
        if name is None:
            raise ValueError(f"it has no {' or '.join(NAMES[what][:2])}")
        return name

    def time(self) -> float | None:
        """Seconds since 1970 of a number in any unit, or of an ISO 8601 time; without a zone it is
        UTC. Raises ValueError for anything else."""
        value = self.get("time")
        try:
            number = float(value)
        except (TypeError, ValueError):
            return None if value is None else self._moment(value)
        except OverflowError:
            number = math.inf
        for unit in UNITS:
            if abs(number) <= LATEST * unit:
                return number / unit
        if math.isnan(number):
            return None
        raise self._wrong("time", "is no time since 1970")

    def _moment(self, value: object) -> float:
        try:
            told = value.strip().removesuffix(" UTC") if isinstance(value, str) else ""
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(told)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise self._wrong("time", "is neither a number nor ISO 8601") from None

    def count(self, what: str, least: int, most: int) -> int | None:
        """A whole number between the two. Raises ValueError for anything else."""
        value = self.get(what)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = None if value is None else math.inf
        if number is None or math.isnan(number):
            return None
        if not (least <= number <= most and number.is_integer()):
            raise self._wrong(what, f"is not a whole number from {least} to {most:,}")
        return int(number)

    def says(self, what: str) -> bool | None:
        """Yes or no, as a program or a person writes it; None where it is neither."""
        value = self.get(what)
        word = value.strip().lower() if isinstance(value, str) else value
        return ANSWERS.get(word) if isinstance(word, str | float | int) else None

    def _wrong(self, what: str, why: str) -> ValueError:
        return ValueError(f"its {self.columns[what]} {brief(self.get(what))} {why}")


ANSWERS: Mapping[object, bool] = {
    **dict.fromkeys((True, "true", "1", "1.0", "yes"), True),
    **dict.fromkeys((False, "false", "0", "0.0", "no"), False),
}


def _missing(value: object, words: Collection[str]) -> bool:
    if isinstance(value, str):
        return not value or value.isspace() or (len(value) < 5 and value.lower() in words)
    return value is None or (isinstance(value, float | Decimal) and value != value)
