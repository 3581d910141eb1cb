"""Cells that no spreadsheet computes, and the originals back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.csv_cells import escape_cell, unescape_cell
from arena.exchange import vote_files

STARTS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("start", STARTS)
def test_what_looks_like_a_formula_is_a_text(start):
    assert escape_cell(f"{start}HYPERLINK(A1)") == f"'{start}HYPERLINK(A1)"


@pytest.mark.parametrize("cell", [-5, -5.2, True, None, "-5", "+1e3", "-0.25", "a=b", "", "'t is"])
def test_numbers_and_other_texts_stay_as_they_are(cell):
    assert escape_cell(cell) is cell


@given(st.text(st.sampled_from([*"'=-@5 a", "\t", "\r"]) | st.characters(), max_size=6))
def test_every_text_comes_back(text):
    assert unescape_cell(escape_cell(text)) == text
    assert (
        escape_cell(text)[:1] not in STARTS
        or escape_cell(text)[:1] == ""
        or float(text) is not None
    )


@given(st.lists(st.text(st.sampled_from([*"'=-@5 a,;\t"]), min_size=1), min_size=3, max_size=3))
def test_a_file_written_so_is_imported_as_it_was(tmp_path_factory, cells):
    out, names = io.StringIO(), ("left", "right", "winner")
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerow({name: escape_cell(cell) for name, cell in zip(names, cells, strict=True)})
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(out.getvalue())
    with open(path, "rb") as raw:
        assert [row for _, row in vote_files.read_rows(raw)] == [
            dict(zip(names, cells, strict=True))
        ]
