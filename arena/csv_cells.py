"""Cells of CSV files, written so that no spreadsheet takes one for a formula, and read back."""

import re

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


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
