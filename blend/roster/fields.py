"""A table of a roster file: its keys and values checked, and one line for what is wrong; lists of
texts, also those of a file."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

NUMBER = (int, float)
TEXTS = [str]


class RosterError(ValueError):
    """A roster that cannot be used; one line that names the file, the thing and the mend."""


def check_keys(table: Mapping, allowed: Mapping, where: str, needs: tuple[str, ...] = ()) -> None:
    """Raise RosterError for an unknown key, a wrong value, or a key that is missing.

    allowed: for each key a type, several types, TEXTS for a list of texts, or the words that it may
    be. where: what the table is called in the error.
    """
    for key, value in table.items():
        if key not in allowed:
            raise RosterError(f"unknown key {key!r} in {where}{did_you_mean(key, allowed)}")
        rule = allowed[key]
        if rule == TEXTS:
            string_list(value, f"{key} of {where}")
        elif isinstance(rule, tuple) and isinstance(rule[0], str):
            if value not in rule:
                known = ", ".join(rule)
                raise RosterError(f"{where}: {key} cannot be {value!r}; known are {known}")
        # To Python a bool is an int as well; to whoever writes a roster it is not.
        elif not isinstance(value, rule) or (
            isinstance(value, bool) and rule not in (bool, object)
        ):
            raise RosterError(f"{key!r} in {where} cannot be {value!r}: its type is wrong")
    for key in needs:
        if not table.get(key):
            raise RosterError(f"{where} needs a {key!r}")


def string_list(values: object, where: str, least: int = 0) -> tuple[str, ...]:
    """The values as texts, none of them empty. Raises RosterError."""
    right = isinstance(values, list) and all(isinstance(v, str) and v for v in values)
    if not right or len(values) < least:
        raise RosterError(f"{where} must be a list of texts, not {values!r}")
    return tuple(values)


def read_lines(path: Path) -> list[str]:
    """The lines of a text, or the texts of a .toml: the first of each list, then the second of
    each. Raises RosterError and OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RosterError(f"{path} is not UTF-8 text: {error}") from None
    if path.suffix != ".toml":
        return text.split("\n")  # splitlines also parts a text of JSON at U+2028 and its like
    try:
        lists = [string_list(each, name, least=1) for name, each in tomllib.loads(text).items()]
    except (tomllib.TOMLDecodeError, RosterError) as error:
        raise RosterError(f"{path} is not a TOML file of lists of texts: {error}") from None
    return [line for each in zip(*lists, strict=False) for line in each]


def is_number(value: object) -> bool:
    """Whether it is a finite number, and no boolean."""
    return isinstance(value, NUMBER) and not isinstance(value, bool) and abs(value) < float("inf")


def did_you_mean(word: object, words: Iterable[str]) -> str:
    """The end of an error's line: the word that was meant, or all that are known."""
    near = difflib.get_close_matches(str(word), list(words), n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(words))}"
