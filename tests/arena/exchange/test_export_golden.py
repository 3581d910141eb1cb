"""The files of an export, which others read: every column, type and row is as it was."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from app_process import ROOT
from pyarrow.parquet import read_schema, read_table
from sqlite_utils.utils import sqlite3

from arena.exchange import export, import_votes
from arena.simulation import simulate

GOLDEN = ROOT / "tests" / "golden" / "export"


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    """Own, imported and simulated votes, chats and turns: the same to the last digit."""
    db = tmp_path_factory.mktemp("golden") / "golden.db"
    imported = [str(GOLDEN / "imported.csv"), "--db", str(db), "--no-texts"]
    assert import_votes.main(imported) == 0
    assert simulate.main(["--db", str(db), "--votes", "5", "--contenders", "3"]) == 0
    with closing(sqlite3.connect(db)) as connection:
        connection.executescript((GOLDEN / "rows.sql").read_text())
    return db


@pytest.mark.parametrize(
    ("name", "options"),
    [("hidden", ["--salt", "golden"]), ("shown", ["--texts", "--visitor-ids"])],
)
def test_every_column_and_row_is_as_it_was(db, tmp_path, name, options):
    assert export.main(["--db", str(db), "--out", str(tmp_path / name), *options]) == 0
    types = json.loads((GOLDEN / name / "types.json").read_text())
    assert {file.stem for file in (tmp_path / name).iterdir()} == set(types)
    for kind, columns in types.items():
        lines = (tmp_path / name / f"{kind}.jsonl").read_text()
        assert lines == (GOLDEN / name / f"{kind}.jsonl").read_text()
        parquet = tmp_path / name / f"{kind}.parquet"
        assert read_table(parquet).to_pylist() == list(map(json.loads, lines.splitlines()))
        named = [(field.name, str(field.type)) for field in read_schema(parquet)]
        assert named == list(columns.items())
