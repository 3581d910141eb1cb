"""The host's page: for who has the key, and for everybody else there is none."""

import asyncio
from contextlib import closing
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from conftest import filled
from starlette.applications import Starlette
from starlette.requests import Request
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

    def do(**what):
        """The page after a form, its words with one space between them."""
        return " ".join(client.post("/host", data={"key": KEY, **what}).text.split())

    return SimpleNamespace(db=db, client=client, url=f"/host?key={quote(KEY)}", do=do)


def counted(db):
    with closing(Store.open(db)) as store:
        return store.tally().counted, store.tally().votes


@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1]])
def test_others_find_no_such_page_and_change_nothing(site, key):
    none = site.client.get("/there-is-no-such-page")
    shown = site.client.get("/host", params={"key": key})
    done = site.client.post("/host", data={"key": key, "do": "bar", "visitor": "v1"})
    for answer in (shown, done):
        assert (answer.status_code, answer.text, answer.headers) == (404, none.text, none.headers)
    with closing(Docket.look(site.db)) as docket:
        assert docket.barred() == []


def test_without_a_key_set_there_is_no_page(site, monkeypatch):
    monkeypatch.delenv(HOST_KEY)
    assert site.client.get("/host", params={"key": ""}).status_code == 404


def test_barring_the_review_and_lifting_it(site):
    assert "12 of 12 own votes counted" in " ".join(site.client.get(site.url).text.split())
    said = site.do(do="bar", visitor="v1")
    assert "v1 is barred" in said and "4 votes would stop counting" in said
    assert counted(site.db) == (12, 12)
    assert "none was deleted" in site.do(do="apply") and counted(site.db) == (8, 12)
    said = site.client.get(site.url).text
    assert "<td>4</td><td>The host has barred this visitor.</td>" in said
    assert "Each of them" in said and "All votes stand as the rules" in said
    site.do(do="lift", visitor="v1")
    site.do(do="apply")
    assert counted(site.db) == (12, 12)


def test_what_cannot_be_done_is_said_and_nothing_is_executed_or_lost(site):
    answer = site.client.post("/host", data={"key": KEY, "do": "bar", "visitor": "<script>"})
    assert "There is no visitor" in answer.text and "<script>" not in answer.text
    assert 'value="&lt;script&gt;"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "nothing was changed" in site.do()


def test_a_database_that_cannot_be_read_is_said_and_can_be_asked_again(site):
    site.db.write_bytes(b"no database at all" * 100)
    answer = site.client.post("/host", data={"key": KEY, "do": "bar", "visitor": "v1"})
    assert answer.status_code == 503 and "is not an SQLite database" in answer.text
    assert 'name="visitor" value="v1"' in answer.text and 'method="post"' in answer.text
    answer = site.client.get(site.url)
    assert answer.status_code == 503 and 'method="get"' in answer.text


def test_a_site_without_votes_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv(HOST_KEY, KEY)
    Store.open(tmp_path / "a.db").close()
    client = TestClient(Starlette(routes=host.routes(str(tmp_path / "a.db"), USUAL)))
    said = client.get("/host", params={"key": KEY}).text
    assert "Nobody has voted on this site yet" in said and "Store the review" not in said


def test_a_form_that_is_too_long_is_not_read_to_its_end():
    bodies = iter([b"key=k&do=bar&x=", b"y" * host.LONGEST])

    async def receive():
        return {"type": "http.request", "body": next(bodies), "more_body": True}

    read = asyncio.run(host.form(Request({"type": "http"}, receive)))
    assert read == {"key": "k", "do": "bar", "x": "y" * (host.LONGEST - 15)}
