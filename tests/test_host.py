"""The host's page: for who has the key, and for everybody else there is none."""

from contextlib import closing
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from conftest import filled
from starlette.applications import Starlette
from starlette.testclient import TestClient

from arena import host
from arena.assignment import HOST_KEY
from arena.docket import Docket
from arena.integrity import USUAL
from arena.store import Store

KEY = 'a "key" & <more>'


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv(HOST_KEY, KEY)
    db = filled(tmp_path / "a.db", votes=12)
    client = TestClient(Starlette(routes=host.routes(str(db), USUAL)))
    return SimpleNamespace(db=db, client=client, url=f"/host?key={quote(KEY)}")


def counted(db):
    with closing(Store.open(db)) as store:
        return store.tally().counted, store.tally().votes


@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1]])
def test_others_find_no_such_page_and_change_nothing(site, key):
    assert site.client.get("/host", params={"key": key}).status_code == 404
    answer = site.client.post("/host", data={"key": key, "do": "bar", "visitor": "v1"})
    assert answer.status_code == 404 and "v1" not in answer.text
    with closing(Docket.look(site.db)) as docket:
        assert docket.barred() == []


def test_without_a_key_set_there_is_no_page(site, monkeypatch):
    monkeypatch.delenv(HOST_KEY)
    assert site.client.get("/host", params={"key": ""}).status_code == 404


def test_barring_the_review_and_lifting_it(site):
    def do(**what):
        return site.client.post("/host", data={"key": KEY, **what}).text

    assert "12 of 12 own votes counted" in " ".join(site.client.get(site.url).text.split())
    said = " ".join(do(do="bar", visitor="v1").split())
    assert "v1 is barred" in said and "4 votes would stop counting" in said
    assert counted(site.db) == (12, 12)
    assert "none was deleted" in do(do="apply") and counted(site.db) == (8, 12)
    assert "The host has barred this visitor" in site.client.get(site.url).text
    do(do="lift", visitor="v1")
    do(do="apply")
    assert counted(site.db) == (12, 12)


def test_what_cannot_be_done_is_said_and_nothing_is_executed(site):
    answer = site.client.post("/host", data={"key": KEY, "do": "bar", "visitor": "<script>"})
    assert "There is no visitor" in answer.text and "<script>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "nothing was changed" in site.client.post("/host", data={"key": KEY}).text
