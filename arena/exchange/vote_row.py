"""One row of a file of votes: which column says what, and its values as they may be stored."""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from reprlib import repr as brief
from uuid import UUID

from arena.db.rows import REASONS, STYLE

NAMES: Mapping[str, tuple[str, ...]] = {
    "left": ("left", "model_a", "model_a_name", "model_1"),
    "right": ("right", "model_b", "model_b_name", "model_2"),
    "winner": ("winner", "chosen_model_name"),
    "left_won": ("winner_model_a",),
    "right_won": ("winner_model_b",),
    "tied": ("winner_tie", "both_equal"),
    "both_bad": ("winner_both_bad", "winner_bothbad", "winner_tie_bothbad"),
    "visitor": (
        *("visitor", "judge", "visitor_id", "judge_hash", "judge_id", "user_id", "user"),
        *("voter", "voter_id", "annotator", "annotator_id", "rater", "rater_id"),
        *("worker", "worker_id", "workerid"),
        *("evaluation_session_id", "session_id", "session_hash", "session"),
    ),
    "time": ("time", "tstamp", "timestamp", "created_at", "created", "datetime", "date"),
    "turns": ("turns", "turn", "conv_turns"),
    "language": ("language", "languages", "lang"),
    "left_conversation": (
        *("conversation_a", "messages_a", "response_a", "response_1", "response1"),
        *("answer_a", "answer_1", "answer1", "output_a", "output_1"),
    ),
    "right_conversation": (
        *("conversation_b", "messages_b", "response_b", "response_2", "response2"),
        *("answer_b", "answer_2", "answer2", "output_b", "output_2"),
    ),
    "prompt": ("prompt", "instruction", "question"),
    "blind": ("anony", "blind"),
    "id": ("id", "question_id", "conversation_id", "conversation_pair_id"),
    **{name: (name,) for name in ("vote_form", "counted", "reason", "pair_chance", "battle")},
    **{name: (name,) for name in ("prompt_characters", "comment", "source", *STYLE, *REASONS)},
}
"""The names that published votes give each column, in any case, those that are tried first in
front. A row without a value in one is looked up in the next: votes without a person's id have their
session's."""

WANTED = frozenset(name for names in NAMES.values() for name in names)

LONGEST_NAME, LONGEST_ID = 200, 1000  # characters of a name that is shown, of an id that is hashed
UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # control characters, halves of characters
NOBODY = ("nan", "none", "null", "<na>")
"""What programs write as a text where they know no visitor; a language may be called so."""

LATEST = 1e11  # seconds since 1970 beyond which a time is surely meant in another unit
UNITS = (1, 10**3, 10**6, 10**9)  # parts of a second in which times come

ANSWERS: Mapping[object, bool] = {
    **dict.fromkeys((True, "true", "1", "1.0", "yes"), True),
    **dict.fromkeys((False, "false", "0", "0.0", "no"), False),
}


def known_columns(names: Iterable[str]) -> list[str]:
    """Those of a file's columns that say something."""
    return [name for name in names if normalize_name(name) in WANTED]


class VoteRow:
    """columns: those that were read so far and have a value, by what they mean. named: columns
    that somebody said to be for something: no other is read for it."""

    def __init__(self, values: Mapping[object, object], named: Mapping[str, str] | None = None):
        self.columns: dict[str, str] = {}
        self.named = named or {}
        self._values = values
        self._layout = _layout(tuple(values))

    def get(self, what: str) -> object:
        """The value of the first column for this that says anything; None where none does."""
        named = self.named.get(what)
        for column in self._layout.get(what, ()) if named is None else (named,):
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
            raise self._error(what, "is no text and no number")
        text = str(value).strip(" \t\r\n")
        if len(text) > longest:
            raise self._error(what, f"has {len(text):,} characters, over {longest:,}")
        if UNFIT.search(text):
            raise self._error(what, "has control characters")
        return text

    def name(self, what: str) -> str:
        """The same; raises ValueError also where there is none."""
        name = self.text(what, LONGEST_NAME)
        if name is None:
            names = self.named.get(what) or " or ".join(NAMES[what][:2])
            raise ValueError(f"it has no {names}: name its column by --map {what}=COLUMN")
        return name

    def time(self) -> float | None:
        """Seconds since 1970 of a number in any unit, or of an ISO 8601 time; without a zone it is
        UTC. Raises ValueError for anything else."""
        number = _number(value := self.get("time"))
        if number is None:
            return None if value is None else self._parse_iso(value)
        for unit in UNITS:
            if abs(number) <= LATEST * unit:
                return number / unit
        if math.isnan(number):
            return None
        raise self._error("time", "is no time since 1970")

    def _parse_iso(self, value: object) -> float:
        try:
            text = value.strip().removesuffix(" UTC") if isinstance(value, str) else ""
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise self._error("time", "is neither a number nor ISO 8601") from None

    def count(self, what: str, least: int, most: int) -> int | None:
        """A whole number between the two. Raises ValueError for anything else."""
        number = _number(value := self.get(what))
        if value is None or (number is not None and math.isnan(number)):
            return None
        if number is None or not (least <= number <= most and number.is_integer()):
            raise self._error(what, f"is not a whole number from {least} to {most:,}")
        return int(number)

    def flag(self, what: str) -> bool | None:
        """Yes or no, as a program or a person writes it; None where it is neither."""
        value = self.get(what)
        word = value.strip().lower() if isinstance(value, str) else value
        return ANSWERS.get(word) if isinstance(word, str | float | int) else None

    def _error(self, what: str, why: str) -> ValueError:
        return ValueError(f"its {self.columns[what]} {brief(self.get(what))} {why}")


@lru_cache(maxsize=1000)
def _layout(names: Sequence[object]) -> Mapping[str, Sequence[str]]:
    """The columns of a row with these names that say something, by what they say."""
    there = {normalize_name(name): name for name in reversed(names)}
    found = {what: [there[n] for n in known if n in there] for what, known in NAMES.items()}
    return {what: columns for what, columns in found.items() if columns}


def normalize_name(name: object) -> str:
    """A column's name as NAMES has it: "Model A" is model_a."""
    return re.sub(r"[\s-]+", "_", str(name).strip()).casefold()


def _missing(value: object, words: Collection[str]) -> bool:
    if isinstance(value, str):
        return not value or value.isspace() or (len(value) < 5 and value.lower() in words)
    return value is None or (isinstance(value, float | Decimal) and value != value)


def _number(value: object) -> float | None:
    """The number that a value is or writes; infinity where it is too large for one."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return math.inf
