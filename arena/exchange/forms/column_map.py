"""Columns and words that a person names: `--map left=COLUMN` and `--winners left=WORD`."""

import csv
from collections.abc import Mapping, Sequence
from typing import get_args

from arena.command import CommandError
from arena.exchange.forms.form import FormRow
from arena.exchange.transcript import as_list
from arena.models import Choice
from arena.ranking.caveats import join_first

MAPPED = (
    *("left", "right", "winner", "visitor", "time", "language", "prompt"),
    *("left_conversation", "right_conversation", "turns", "blind", "id"),
)
"""What a column may be named for."""


class ColumnMap:
    """Which column says what. A name with dots leads into objects and lists, also where they are
    written as JSON: data.models.0.

    columns: by what they say.
    """

    def __init__(self, columns: Mapping[str, str]):
        self.columns = columns
        self._missing = set(columns.values())
        self._names: Sequence[str] = ()

    @property
    def whole(self) -> bool:
        """Whether it names all that a vote must have."""
        return {"left", "right", "winner"} <= {*self.columns}

    def tops(self) -> set[str]:
        """The columns to read for it: the names, and what stands before their first dot."""
        return {part for name in self.columns.values() for part in (name, name.partition(".")[0])}

    def pick(self, vote: FormRow, row: FormRow) -> FormRow:
        """A vote with what is named: from the vote itself where it has it, else from its row."""
        if not self.columns:
            return vote
        self._names = self._names or [str(name) for name in row]
        found = {}
        for name in self.columns.values():
            value, there = _dig(vote, name)
            if not there:
                value, there = _dig(row, name)
            if there:
                self._missing.discard(name)
            found[name] = value
        return {**vote, **found}

    def check(self) -> None:
        """Raise CommandError where no row had one of the columns."""
        if self._missing:
            (first, *_) = sorted(self._missing)
            raise CommandError(
                f"no row has the column {first!r} that --map names; the first one has"
                f" {join_first(self._names, 12)}"
            )


def _dig(row: FormRow, name: str) -> tuple[object, bool]:
    """The value at a column or a way of names and numbers, and whether it is there."""
    if name in row:
        return row[name], True
    value: object = row
    for part in name.split("."):
        if isinstance(value, str):
            value = as_list(value)  # how tables hold lists
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None, False
    return value, True


def parse_map(texts: Sequence[str]) -> ColumnMap:
    """The columns of `left=COLUMN,right=COLUMN`. Raises CommandError."""
    columns: dict[str, str] = {}
    for what, name in _pairs("--map", texts, MAPPED):
        if what in columns:
            raise CommandError(f"--map names {what} twice: leave one out")
        columns[what] = name
    return ColumnMap(columns)


def parse_winners(texts: Sequence[str]) -> Mapping[str, Choice]:
    """Each word of `left=WORD,tie=WORD` with its choice. Raises CommandError."""
    words: dict[str, Choice] = {}
    for choice, word in _pairs("--winners", texts, get_args(Choice)):
        if words.setdefault(word.lower(), choice) != choice:
            raise CommandError(f"--winners gives {word!r} two meanings: leave one out")
    return words


def _pairs(option: str, texts: Sequence[str], known: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for pair in (pair for line in csv.reader(texts) for pair in line):
        what, sign, name = (part.strip() for part in pair.partition("="))
        if not sign or not name or what not in known:
            raise CommandError(
                f"{option} has {pair!r}: write it as WHAT=NAME, where WHAT is one of"
                f" {', '.join(known)}"
            )
        pairs.append((what, name))
    return pairs
