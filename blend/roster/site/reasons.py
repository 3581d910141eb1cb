"""The reasons that visitors may give for a vote: the host's own lists, or the ones there are."""

from dataclasses import dataclass

from blend.message import CONTROL
from blend.roster.fields import TEXTS, RosterError, check_keys

GOOD = ("more_helpful", "more_correct", "more_natural", "better_style", "followed_instruction")
"""Keys of reasons for a side. The page has a text for each, in its languages."""

BAD = (
    *("wrong_facts", "ignored_instruction", "lost_thread", "repeated_itself", "broke_off"),
    *("rude_or_unsafe", "wrong_language"),
)
"""The same of what was wrong with a side."""

TABLE = {"reasons_good": TEXTS, "reasons_bad": TEXTS}
WHERE = "the [votes] table"

LONGEST, MOST = 60, 12
"""Characters of a reason that is stored, and reasons that a page has room for."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """good: of a side that is better. bad: of one that is not. Each is a key, or a text of the
    host's own, which is its own key."""

    good: tuple[str, ...] = GOOD
    bad: tuple[str, ...] = BAD


def read_reasons(table: dict) -> Reasons:
    """The [votes] table of a roster; an empty list asks for no reasons. Raises RosterError."""
    check_keys(table, TABLE, WHERE)
    lists = {key.removeprefix("reasons_"): _list(key, table[key]) for key in TABLE if key in table}
    return Reasons(**lists)


def _list(key: str, reasons: list[str]) -> tuple[str, ...]:
    reasons = [" ".join(reason.split()) for reason in reasons]
    if len(reasons) > MOST:
        raise RosterError(f"{WHERE}: {key} has {len(reasons)} reasons: name {MOST} at most")
    for reason in reasons:
        if not 0 < len(reason) <= LONGEST or CONTROL.search(reason):
            mend = f"write 1 to {LONGEST} characters that can be seen"
            raise RosterError(f"{WHERE}: {key} cannot have {reason!r}: {mend}")
        if reasons.count(reason) > 1:
            raise RosterError(f"{WHERE}: {key} has {reason!r} twice: once is enough")
    return tuple(reasons)
