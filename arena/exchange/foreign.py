"""A vote of another arena, as its file has it, made a finished battle of this one."""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from arena.bulk import Finished
from arena.records import Choice, Contender

CHOICES: Mapping[str, Choice] = {
    "model_a": "left",
    "model_b": "right",
    "left": "left",
    "right": "right",
    "tie": "tie",
    "tie (bothbad)": "both_bad",
    "both_bad": "both_bad",
    "both bad": "both_bad",
}
"""The words for an outcome: those of Chatbot Arena's battles, and our own."""

LANGUAGES = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
    "portuguese": "pt", "dutch": "nl", "chinese": "zh", "japanese": "ja", "korean": "ko",
    "russian": "ru", "arabic": "ar", "greek": "el", "hebrew": "he", "hindi": "hi", "thai": "th",
}  # fmt: skip

SOURCE = "imported"
"""What such battles, their contenders and their visitors are marked with."""

LATEST = 1e11
"""Seconds since 1970 beyond which a time is surely meant in another unit."""


class Foreign:
    """Rows of one file into battles. The same file gives the same ids whenever it is read.

    now: the time of a vote that has none, in seconds since 1970.
    """

    def __init__(self, now: float):
        self.alone = 0
        """Votes without a visitor so far; each gets one of its own."""
        self._now = now
        self._seen: Counter[str] = Counter()
        self._contenders: dict[str, Contender] = {}

    def battle(self, row: object) -> Finished:
        """The battle of a row. Raises ValueError that says what the row lacks."""
        if not isinstance(row, Mapping):
            raise ValueError("it is not a row with named columns")
        left, right = _name(row, "left", "model_a"), _name(row, "right", "model_b")
        if left == right:
            raise ValueError(f"{left!r} cannot meet itself")
        choice = _choice(_field(row, "winner"), left, right)
        visitor, when = _field(row, "visitor", "judge"), _time(_field(row, "time", "tstamp"))
        language = _field(row, "language")
        id = _sorted(when, self._id(row, left, right, choice, visitor, when))
        self.alone += visitor is None
        return Finished(
            id=id,
            visitor=_visitor(id if visitor is None else str(visitor)),
            left=self._contender(left),
            right=self._contender(right),
            choice=choice,
            created=self._now if when is None else when,
            source=SOURCE,
            policy=SOURCE,
            rules=SOURCE,
            turns=_turns(_field(row, "turns", "turn")),
            language=None if language is None else _language(str(language)),
            pair_chance=_chance(_field(row, "pair_chance")),
            reason=_reason(row),
        )

    def _id(self, row: Mapping, *told: object) -> str:
        """By the battle's own id, if this project exported it; else by all that the row tells.

        Equal rows are numbered: two votes that look the same are two votes.
        """
        if battle := _field(row, "battle"):
            return _hash("battle", battle)
        same = _hash("row", *told, _field(row, "id", "question_id", "conversation_id"))
        self._seen[same] += 1
        return same if self._seen[same] == 1 else _hash("again", same, self._seen[same])

    def _contender(self, name: str) -> Contender:
        if name not in self._contenders:
            config = {"name": name, "source": SOURCE}
            self._contenders[name] = Contender(_hash("contender", name), name, config)
        return self._contenders[name]


def _field(row: Mapping, *names: str) -> object:
    """The first of the columns that says anything."""
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _name(row: Mapping, *columns: str) -> str:
    name = _field(row, *columns)
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"it has no {' or '.join(columns)}")
    return name.strip()


def _choice(winner: object, left: str, right: str) -> Choice:
    if winner is None:
        raise ValueError("it has no winner")
    word = str(winner).strip()
    by_name: dict[str, Choice] = {left: "left", right: "right"}
    choice = CHOICES.get(word.lower()) or by_name.get(word)
    if choice is None:
        known = ", ".join(CHOICES)
        raise ValueError(f"its winner {word!r} is none of {known} or its two names")
    return choice


def _time(value: object) -> float | None:
    """Seconds since 1970 of a number, or of an ISO 8601 time; without a zone it is UTC."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        try:
            told = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            raise ValueError(f"its time {value!r} is no number and not ISO 8601") from None
        seconds = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(seconds) or abs(seconds) > LATEST:
        raise ValueError(f"its time {value!r} is not in seconds since 1970")
    return seconds


def _turns(value: object) -> int:
    if value is None:
        return 1
    try:
        turns = int(value)
    except (TypeError, ValueError, OverflowError):
        turns = 0
    if turns < 1:
        raise ValueError(f"its number of turns {value!r} is no number above 0")
    return turns


def _chance(value: object) -> float | None:
    """The pair's probability; what cannot be one is not known."""
    try:
        chance = float(value)
    except (TypeError, ValueError):
        return None
    return chance if 0 < chance <= 1 else None


def _language(told: str) -> str:
    """A code of two or three letters, from a code or an English name."""
    word = told.strip().lower()
    return LANGUAGES.get(word, word if len(word) in (2, 3) else "und")


def _reason(row: Mapping) -> str:
    """Why the vote does not count: what its arena says, or that it was not blind."""
    if _no(row.get("counted")):
        return str(_field(row, "reason") or "not counted where it comes from")
    return "not blind" if _no(row.get("anony")) else ""


def _no(value: object) -> bool:
    return value is not None and str(value).strip().lower() in ("false", "0", "no")


def _sorted(when: float | None, id: str) -> str:
    """The id with its time in front: ids that come in order are stored ten times as fast."""
    return f"i-{max(0, round((when or 0) * 1000)):012x}-{id.removeprefix('i-')}"


@lru_cache(maxsize=100_000)
def _visitor(told: str) -> str:
    """Not as told: it may be a name or an address, and nobody here has to know that."""
    return _hash("visitor", told)


def _hash(*what: object) -> str:
    # The length of each part keeps ("a", "bc") and ("ab", "c") apart.
    told = "".join(f"{len(part)}:{part}" for part in map(str, what))
    return f"i-{hashlib.sha256(told.encode()).hexdigest()[:24]}"
