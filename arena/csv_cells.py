"""Cells of CSV files, written so that no spreadsheet takes one for a formula, and read back."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

BYTE_ORDER_MARK = "\ufeff"  # in front of a CSV file; Excel knows by it that the file is UTF-8

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""How a cell begins that a spreadsheet may compute; apostrophes in front are those added here."""


def escape_cell(cell: object) -> object:
    """A cell as it is written: a text that looks like a formula gets an apostrophe in front.

    Numbers stay numbers, also those that are texts.
    """
    if isinstance(cell, str) and FORMULA.match(cell) and not _is_number(cell):
        return f"'{cell}"
    return cell


def unescape_cell(text: str) -> str:
    """The cell that was written so."""
    return text[1:] if text[:1] == "'" and FORMULA.match(text) else text


def csv_lines(columns: Sequence[str], records: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """A table, line by line, its head first. What a record does not have stays empty; texts of a
    list stand in one cell, with "; " between them."""
    yield _line(columns)
    for record in records:
        values = (record.get(name) for name in columns)
        yield _line("; ".join(value) if isinstance(value, list) else value for value in values)


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(escape_cell(cell) for cell in cells)
    return out.getvalue()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
