"""A table of a roster file: its keys and values checked, and one line for what is wrong."""

import difflib
from collections.abc import Iterable, Mapping


class RosterError(ValueError):
    """A roster that cannot be used; one line that names the file, the thing and the mend."""


def check(table: dict, allowed: Mapping, where: str, needs: tuple[str, ...] = ()) -> None:
    """Raise RosterError for an unknown key, a value of the wrong type, or a key that is missing.

    allowed: the type, or types, of each key. where: what the table is called in the error.
    """
    for key, value in table.items():
        if key not in allowed:
            raise RosterError(f"unknown key {key!r} in {where}{nearest(key, allowed)}")
        kind = allowed[key]
        # To Python a bool is an int as well; to whoever writes a roster it is not.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind not in (bool, object)):
            raise RosterError(f"{key!r} in {where} cannot be {value!r}: its type is wrong")
    for key in needs:
        if not table.get(key):
            raise RosterError(f"{where} needs a {key!r}")


def texts(values: list, where: str, least: int = 0) -> tuple[str, ...]:
    """The values as texts, none of them empty. Raises RosterError."""
    right = isinstance(values, list) and all(isinstance(v, str) and v for v in values)
    if not right or len(values) < least:
        raise RosterError(f"{where} must be a list of texts, not {values!r}")
    return tuple(values)


def nearest(word: str, words: Iterable[str]) -> str:
    """The end of an error's line: the word that was meant, or all that are known."""
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(words))}"
