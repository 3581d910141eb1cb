"""Files of votes as streams of rows, whatever their form: CSV, JSON, JSON Lines, Parquet."""

import codecs
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from arena.command import CommandError

Placed = Iterator[tuple[int, object]]
"""Rows, each with the number by which a report names it."""

SPACE = re.compile(r"\s*")

BLOCK = 2**20
"""Characters of a JSON file that are read at a time."""

LONGEST = 2**25
"""Characters of one row: in a damaged file the search for its end must stop somewhere."""


def read(raw: BinaryIO) -> Placed:
    """The rows of an open file, each with the number of its line; in Parquet, of the row.

    The end of its name says what it is. A line that is no JSON is given as a ValueError. Raises
    CommandError where the file as a whole cannot be read.
    """
    forms = {".csv": _csv, ".json": _json, ".jsonl": _lines, ".parquet": _parquet}
    form = forms.get(Path(raw.name).suffix.lower())
    if form is None:
        raise CommandError(f"{raw.name}: its name must end in one of {', '.join(forms)}")
    try:
        yield from form(raw)
    except UnicodeDecodeError as error:
        raise CommandError(f"{raw.name} is not UTF-8 ({error.reason}): convert it") from None
    except csv.Error as error:
        raise CommandError(f"{raw.name} is not CSV: {error}") from None


def _csv(raw: BinaryIO) -> Placed:
    rows = csv.DictReader(_decoded(raw))
    for row in rows:
        yield rows.line_num, row


def _lines(raw: BinaryIO) -> Placed:
    for number, line in enumerate(_decoded(raw), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                yield number, ValueError(f"it is not JSON: {error.msg}")


def _decoded(raw: BinaryIO) -> Iterator[str]:
    """Lines of text, with the mark off that spreadsheets put in front. `raw` can tell its place."""
    for number, line in enumerate(raw):
        yield line.decode("utf-8-sig" if number == 0 else "utf-8")


def _json(raw: BinaryIO) -> Placed:
    """The items of one array, or objects one after another, without ever holding all of them."""
    text = Window(raw)
    array = text.skip("[")
    going = not text.skip("]") if array else bool(text.more())
    while going:
        text.more()
        yield text.line, text.value()
        going = text.skip(",") if array else bool(text.more())
        if array and not going and not text.skip("]"):
            raise CommandError(f"{raw.name} is not JSON: line {text.line}: the list breaks off")


class Window:
    """A part of a JSON text that moves on as it is read."""

    def __init__(self, raw: BinaryIO):
        self.line = 1
        self._name = raw.name
        self._reader = codecs.getreader("utf-8-sig")(raw)
        self._decode = json.JSONDecoder().raw_decode
        self._text, self._at = "", 0

    def more(self) -> str:
        """The next sign that is no space, which stays where it is; empty at the end."""
        while True:
            self._pass(SPACE.match(self._text, self._at).end())
            if self._at < len(self._text) or not self._grow():
                return self._text[self._at : self._at + 1]

    def skip(self, sign: str) -> bool:
        """Go past the sign if it comes next."""
        found = self.more() == sign
        self._at += found
        return found

    def value(self) -> object:
        """The JSON value that comes next. Raises CommandError where it is none."""
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                line = self.line + self._text.count("\n", self._at, error.pos)
                if len(self._text) - self._at > LONGEST or not self._grow():
                    raise CommandError(
                        f"{self._name} is not JSON: line {line}: {error.msg}"
                    ) from None
                continue
            # A number that ends with the window may go on behind it.
            if end < len(self._text) or not self._grow():
                self._pass(end)
                return value

    def _pass(self, to: int) -> None:
        self.line += self._text.count("\n", self._at, to)
        self._at = to

    def _grow(self) -> bool:
        more = self._reader.read(BLOCK)
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)


def _parquet(raw: BinaryIO) -> Placed:
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import ParquetFile

    try:
        table = ParquetFile(raw)
    except ArrowInvalid as error:
        raise CommandError(f"{raw.name} is not Parquet: {error}") from None
    number = 0
    for batch in table.iter_batches():
        for row in batch.to_pylist():
            number += 1
            yield number, row
