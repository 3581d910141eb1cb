"""A JSON text of any length, read value by value, with a limit to each."""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from arena.command import CommandError

SPACE = re.compile(r"\s*")
BLOCK = 2**20  # characters that are read at a time
DIGITS = 4000  # of a whole number that is read as such; Python's own limit is a few more
DEEP = "its lists or objects are nested too deeply"

DECODER = json.JSONDecoder(
    parse_int=lambda digits: int(digits) if len(digits) <= DIGITS else float(digits)
)


def decode_json(text: str) -> object:
    """The value of a text. Raises ValueError with one sentence where it has none."""
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg}") from None
    except RecursionError:
        raise ValueError(DEEP) from None


class JsonStream:
    """A part of a JSON text that moves on as it is read.

    longest: characters of one value; in a damaged file the search for its end must stop somewhere.
    """

    def __init__(self, raw: BinaryIO, path: Path, longest: int):
        self._line = 1
        self._path, self._longest = path, longest
        self._reader = codecs.getreader("utf-8-sig")(raw)
        self._text, self._at = "", 0

    def items(self) -> Iterator[tuple[int, object]]:
        """The items of one array, or the values one after another, each with its line.

        Raises CommandError where the text breaks off, or is no JSON.
        """
        array = self._skip("[")
        going = not self._skip("]") if array else bool(self._next())
        while going:
            self._next()
            yield self._line, self._value()
            going = self._skip(",") if array else bool(self._next())
            if array and not going and not self._skip("]"):
                raise self._error(self._line, "the list breaks off")

    def _next(self) -> str:
        """The next character that is not a space, without moving past it; empty at the end."""
        while True:
            self._pass(SPACE.match(self._text, self._at).end())
            if self._at < len(self._text) or not self._grow():
                return self._text[self._at : self._at + 1]

    def _skip(self, sign: str) -> bool:
        """Move past the character if it comes next."""
        found = self._next() == sign
        self._at += found
        return found

    def _value(self) -> object:
        """The value that comes next."""
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                line = self._line + self._text.count("\n", self._at, error.pos)
                if len(self._text) - self._at > self._longest:
                    long = f", or it is a row of over {self._longest:,} characters"
                    raise self._error(line, error.msg + long) from None
                if not self._grow():
                    raise self._error(line, error.msg) from None
            except RecursionError:
                raise self._error(self._line, DEEP) from None
            else:
                # A number at the end of the window may go on behind it.
                if end < len(self._text) or not self._grow():
                    self._pass(end)
                    return value

    def _pass(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _grow(self) -> bool:
        more = self._reader.read(BLOCK)
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)

    def _error(self, line: int, why: str) -> CommandError:
        return CommandError(f"{self._path} is not JSON that can be read: line {line}: {why}")
