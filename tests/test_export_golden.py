"""The files of an export, which others read: every column, type and row is as it was."""

import json
from pathlib import Path

import pytest
from golden_votes import golden
from pyarrow.parquet import read_schema, read_table

from arena.exchange import export

GOLDEN = Path(__file__).parent / "golden" / "export"
KINDS = ("contenders", "battles", "votes", "turns")


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    return golden(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize(
    ("name", "options"),
    [("hidden", ["--salt", "golden"]), ("shown", ["--texts", "--visitor-ids"])],
)
def test_every_column_and_row_is_as_it_was(db, tmp_path, name, options):
    assert export.main(["--db", str(db), "--out", str(tmp_path / name), *options]) == 0
    for kind in KINDS:
        lines = (tmp_path / name / f"{kind}.jsonl").read_text()
        assert lines == (GOLDEN / name / f"{kind}.jsonl").read_text()
        parquet = tmp_path / name / f"{kind}.parquet"
        assert read_table(parquet).to_pylist() == list(map(json.loads, lines.splitlines()))
        columns = {field.name: str(field.type) for field in read_schema(parquet)}
        assert list(columns.items()) == list(types(name)[kind].items())


def types(name: str) -> dict[str, dict[str, str]]:
    return json.loads((GOLDEN / name / "types.json").read_text())
