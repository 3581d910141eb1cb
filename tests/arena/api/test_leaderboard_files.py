"""The board as a file: over HTTP, as any program would get it."""

import codecs
import csv
import io
import json
from contextlib import closing

import pandas
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from stored import CONTENDERS, fill

from arena.api import leaderboard_files
from arena.csv_cells import unescape_cell
from arena.db.store import Store
from arena.ranking.style import MARKS
from arena.site.site import Site
from blend.roster import read


@pytest.fixture
def store(tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as store:
        yield store


def client_of(store):
    """A client of a site on this database."""
    return TestClient(Starlette(routes=leaderboard_files.routes(Site(read("scripted"), store))))


@pytest.fixture
def client(store):
    fill(store, 40)
    return client_of(store)


def test_the_table_as_csv(client):
    answer = client.get("/leaderboard.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(codecs.BOM_UTF8)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [*pandas.read_csv(io.BytesIO(answer.content)).columns] == [*rows[0]]
    assert rows[0]["rank"] == "1"
    assert {row["contender"] for row in rows} == {"Blended", "oak", "elm"}
    assert {row["source"] for row in rows} == {"own"} and int(rows[0]["drawn"]) > 0


def test_reasons_are_json_in_one_cell_and_an_empty_board_has_no_line(store):
    client = client_of(store)
    assert client.get("/leaderboard.csv").content == codecs.BOM_UTF8
    fill(store, 20, visitors=10)
    rows = csv.DictReader(io.StringIO(client.get("/leaderboard.csv").text))
    cells = {row["contender"]: row["reasons"] for row in rows}
    assert json.loads(cells["oak"])["good"] and cells["elm"] == ""


def test_no_name_is_a_formula_and_numbers_stay_numbers(store):
    names = ("=1+1", "-2+3", "@SUM(A1)", "Ünï")
    fill(store, 20)
    for id, name in zip(CONTENDERS, names, strict=False):
        store.database.execute("UPDATE contenders SET name = ? WHERE id = ?", (name, id))
    rows = pandas.read_csv(io.BytesIO(client_of(store).get("/leaderboard.csv").content))
    found = dict(zip(rows["contender"], rows["rating"], strict=True))
    assert {"'=1+1", "'-2+3", "'@SUM(A1)"} <= {*found}
    assert {*names[:3]} <= {unescape_cell(name) for name in found}
    assert rows["rating"].dtype == float and rows["battles"].dtype == int


def test_everything_as_json(client):
    told = client.get("/leaderboard.json", params={"by": "turns", "style": "1"}).json()
    assert (told["counted"], told["votes"], told["source"]) == (40, 40, "own")
    assert told["asked"] == {"source": "", "by": "turns", "part": "", "style": True}
    assert [*told["slices"]] == ["1 turn"] and set(told["style"]) == {*MARKS}
    assert {each["drawn"]["counted"] for each in told["profiles"]} == {20, 30}
    assert told["profiles"][0]["config"]["policy"] == "uniform" and told["elo"]["votes"][-1] == 40


def test_other_models_are_in_the_file_where_they_are_wished(client):
    usual = client.get("/leaderboard.json").json()
    told = client.get("/leaderboard.json", params={"sensitivity": "1"}).json()
    assert {*told} - {*usual} == {"ties", "held_out", "voters"}
    names = {row["contender"] for row in usual["contenders"] if row["battles"]}
    assert names <= {*told["ties"]["contenders"]}
    assert usual["power"] == told["power"]


def test_it_is_json_where_not_everything_is_known(client):
    assert json.loads(client.get("/leaderboard.json", params={"source": "simulated"}).text)["elo"]


def test_nonsense_is_a_400_that_says_why(client):
    for query in ({"by": "mood"}, {"source": "mood"}, {"by": "turns", "part": "mood"}):
        answer = client.get("/leaderboard.csv", params=query)
        assert answer.status_code == 400 and "'mood'" in answer.text
