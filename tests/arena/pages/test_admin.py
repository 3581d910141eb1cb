"""The host's page: for who has entered the key, and nobody else."""

import asyncio
import csv
import io
from contextlib import closing
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from stored import filled

from arena.db.store import Store
from arena.pages import admin
from arena.site.admin_key import COOKIE, HOST_KEY, AdminKey, key_problem
from arena.site.identity import AddressHasher
from arena.votes.rules import DEFAULT_LIMITS

KEY = 'a "key" & <more>'


@pytest.fixture
def site(tmp_path):
    db = filled(tmp_path / "a.db", votes=12)
    client = visitor(db)
    assert client.post("/host", data={"key": KEY}).status_code == 200

    def do(**what):
        """The page after a form, its words with one space between them."""
        return " ".join(client.post("/host", data=what).text.split())

    return SimpleNamespace(db=db, client=client, url="/host", do=do)


def visitor(db, key=KEY):
    """A browser before the page, with no cookie yet."""
    made = admin.routes(str(db), DEFAULT_LIMITS, AdminKey(key), AddressHasher("words"))
    return TestClient(Starlette(routes=made), base_url="https://testserver")


def counted(db):
    with closing(Store.open(db)) as store:
        return store.votes.counts().counted, store.votes.counts().votes


@pytest.mark.parametrize("key", [None, "", "wrong", KEY[:-1], KEY + " ", "\udcff"])
def test_others_see_a_form_and_change_nothing(site, key):
    other = visitor(site.db)
    sent = {} if key is None else {"key": key.encode(errors="replace")}
    done = other.post("/host", data={**sent, "do": "bar", "visitor": "v1"})
    assert done.status_code == 403 and "set-cookie" not in done.headers
    for answer in (done, other.get("/host"), other.get("/host", params={"key": KEY})):
        assert "The host's key" in answer.text and "own votes" not in answer.text
        assert KEY not in answer.text
    with closing(Store.open_readonly(site.db)) as store:
        assert store.vote_audit.barred_visitors() == []


def test_the_key_opens_the_page_for_its_browser_and_is_told_nowhere(tmp_path, caplog):
    browser = visitor(filled(tmp_path / "a.db", votes=12))
    answer = browser.post("/host", data={"key": KEY, "do": "bar", "visitor": "v1"})
    assert "v1 is barred" in answer.text  # what was asked for without the key is done with it
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"):
        assert part in cookie
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "own votes" in browser.get("/host").text
    for told in (answer.text, str(answer.headers), caplog.text):
        assert KEY not in told and "key" not in browser.cookies[COOKIE]


def test_each_wrong_key_is_logged_and_few_may_be_tried(tmp_path, caplog):
    browser = visitor(filled(tmp_path / "a.db", votes=1))
    tried = [browser.post("/host", data={"key": f"wrong {n}"}).text for n in range(12)]
    assert ["Too many keys" in said for said in tried] == [False] * 10 + [True] * 2
    assert caplog.text.count("A wrong host's key") == 10 and "wrong 1" not in caplog.text
    assert browser.post("/host", data={"key": KEY}).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "a" * 43, KEY.replace('"', "").replace(" ", "")])
def test_a_made_up_cookie_opens_nothing(site, token):
    other = visitor(site.db)
    other.cookies.set(COOKIE, token)
    assert "own votes" not in other.get("/host").text


def test_a_token_ends():
    now = [0.0]
    key = AdminKey(KEY, clock=lambda: now[0])
    token = key.enter(KEY, None)
    now[0] = 12 * 3600 - 1
    assert key.entered(token)
    now[0] += 2
    assert not key.entered(token)


@pytest.mark.parametrize("key", ["", " ", " " * 40, "short", "fifteen letters"])
def test_without_a_long_key_there_is_no_page_and_a_short_one_is_refused_at_the_start(tmp_path, key):
    browser = visitor(filled(tmp_path / "a.db", votes=1), key)
    assert browser.get("/host").status_code == browser.post("/host").status_code == 404
    said = key_problem({HOST_KEY: key})
    assert ("at least 16 characters" in said) == bool(key) and "short" not in said
    assert key_problem({HOST_KEY: KEY}) == key_problem({}) == ""


def test_the_review_tells_why_votes_do_not_count(site):
    assert "4 votes would stop counting" in site.do(do="bar", visitor="v1")
    assert counted(site.db) == (12, 12)  # until the review is stored
    assert "none was deleted" in site.do(do="apply") and counted(site.db) == (8, 12)
    said = site.do()
    assert "<td>4</td><td>The host has barred this visitor.</td>" in said
    assert "All votes stand as the rules" in said
    said = site.do(do="find", of_visitor="v1", of_counted="no")
    assert said.count("The host has barred this visitor.</td>") == 5  # a reason, four votes
    assert "The newest 4" in said and 'value="v1"' in said
    assert "There is no such vote." in site.do(do="find", of_visitor="v1", of_counted="yes")
    assert "The newest 12" in site.do(do="find", of_source="all")


def test_a_contender_is_retired_renamed_and_its_feedback_has_no_words(site):
    assert "oak is retired" in site.do(do="retire", contender="c-2")
    said = site.do(do="rename", contender="c-2", name="Oak 2")
    assert "It is called Oak 2 now." in said and "Bring back: Oak 2" in said
    with closing(Store.open_readonly(site.db)) as store:
        assert store.contenders.retired() == {"c-2"}
    assert "Oak 2 is back" in site.do(do="restore", contender="c-2")
    for name, contender in (("", "c-2"), ("x" * 61, "c-2"), ("Elm", "nobody")):
        assert "Nothing was changed" in site.do(do="rename", contender=contender, name=name)
    assert "no such contender" in site.do(do="retire", contender="nobody")

    answer = site.client.get("/host/feedback?contender=c-2")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 9 and {row["against"] for row in rows} == {"Blended", "elm"}
    assert "secret" not in answer.text and "v1" not in answer.text
    assert visitor(site.db).get("/host/feedback?contender=c-2").status_code == 404


def test_what_cannot_be_done_is_said_and_nothing_is_executed_or_lost(site):
    answer = site.client.post("/host", data={"do": "bar", "visitor": "<script>"})
    assert "There is no visitor" in answer.text and "<script>" not in answer.text
    assert 'value="&lt;script&gt;"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "nothing was changed" in site.do(do="dance")


def test_a_database_that_cannot_be_read_is_said_and_can_be_asked_again(site):
    site.db.write_bytes(b"no database at all" * 100)
    answer = site.client.post("/host", data={"do": "bar", "visitor": "v1"})
    assert answer.status_code == 503 and "is not an SQLite database" in answer.text
    assert 'name="visitor" value="v1"' in answer.text and 'method="post"' in answer.text
    answer = site.client.get(site.url)
    assert answer.status_code == 503 and 'method="get"' in answer.text


def test_a_site_without_votes_says_so(tmp_path):
    Store.open(tmp_path / "a.db").close()
    said = visitor(tmp_path / "a.db").post("/host", data={"key": KEY}).text
    assert "Nobody has voted on this site yet" in said and "Store the review" not in said


def test_a_form_that_is_too_long_is_not_read_to_its_end():
    bodies = iter([b"key=k&do=bar&x=", b"y" * admin.LONGEST])

    async def receive():
        return {"type": "http.request", "body": next(bodies), "more_body": True}

    read = asyncio.run(admin.form(Request({"type": "http"}, receive)))
    assert read == {"key": "k", "do": "bar", "x": "y" * (admin.LONGEST - 15)}
