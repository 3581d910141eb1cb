"""What is deleted here is deleted on the Hub: in every file, in the past, by the next process."""

from contextlib import closing

import pytest
from app_process import Running, start
from fake_hub_repo import oid
from hub_repository import NAME, kept, killed
from stored import fill
from waiting import soon

from arena.db.repositories.erasure import pseudonym
from arena.db.store import Store

# How the client itself hands a file to its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def test_deletion_goes_to_every_file_and_into_the_past(server, replica):
    (one, first), (two, second) = replica("a"), replica("b")
    fill(one, 6)
    fill(two, 3, first=30)
    for hub in (first, second, first):
        hub.flush()
    words = (b"A **secret** 1.", b"A **secret** 31.")
    assert all(word in server.everything(NAME) for word in words)
    one.erasure.erase_visitor("v1")
    for hub in (first, second, first):
        assert hub.flush()
    assert one.votes.counts() == two.votes.counts() and one.votes.counts().votes == 9
    held = server.everything(NAME)
    assert not any(word in held for word in words) and pseudonym("v1").encode() in held
    here = {oid(server.repos[NAME].files[path]) for path in kept(server)}
    assert here == set(server.blobs) == set(server.repos[NAME].large)
    three, _ = replica("c")
    assert three.votes.counts() == one.votes.counts() and three.erasure.is_erased("v1")
    assert three.database.query("SELECT 1 FROM visitors WHERE id = 'v1'") == []


def test_a_deletion_that_could_not_be_pushed_is_pushed_by_the_next_process(server, replica):
    store, hub = replica("a")
    fill(store, 3)
    assert hub.flush()
    killed(hub)
    store.erasure.erase_visitor("v1")
    _, hub = replica("a")
    assert hub.flush() and b"A **secret** 1." not in server.everything(NAME)


def test_dropped_texts_are_dropped_there_too(server, replica):
    (store, hub), (other, second) = replica("a"), replica("b")
    fill(store, 3)
    fill(other, 2, first=30)
    for each in (hub, second, hub):
        assert each.flush()
    assert b"**secret**" in server.everything(NAME)
    assert store.erasure.expire_texts(store.database.clock() + 90_000, 1)
    for each in (hub, second, hub):
        assert each.flush()
    assert b"**secret**" not in server.everything(NAME)
    assert replica("c")[0].votes.counts() == store.votes.counts() == other.votes.counts()


def test_a_host_who_keeps_texts_no_more_gets_none_and_leaves_none(server, replica):
    store, hub = replica("a")
    fill(store, 2)
    hub.close()
    for disk in "bc":  # the second one begins with a snapshot
        quiet, hub = replica(disk, keep_texts=False)
        fill(quiet, disk == "c", first=9)
        hub.close()
        assert quiet.votes.counts().votes == store.votes.counts().votes + (disk == "c")
        assert quiet.database.query_one("SELECT count(prompt) FROM turns") == (0,)
        assert b"secret" not in server.everything(NAME)


def test_a_site_drops_old_texts_as_it_starts_and_pushes_as_it_stops(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")

    def site(disk: str) -> Running:
        return start(tmp_path / f"{disk}.db", "--roster", "scripted", "--hub", NAME, *days)

    days = ("--text-days", "30")
    with closing(Store.open(tmp_path / "a.db")) as store:
        fill(store, 2, first=20)
        store.database.execute("UPDATE turns SET opened = 1, closed = 1")
    first = site("a")
    with closing(Store.open(tmp_path / "a.db")) as store:
        texts = "SELECT count(prompt), count(*) FROM turns"
        soon(lambda: store.database.query_one(texts) == (0, 4))
        fill(store, 3)
        tally = store.votes.counts()
    assert first.stop() == 0
    second = site("b")
    assert second.health()[1]["votes"].startswith(f"Votes are kept in the private dataset {NAME}")
    with closing(Store.open(tmp_path / "b.db")) as store:
        assert store.votes.counts() == tally
        store.erasure.erase_visitor("v1")
    assert second.stop() == 0
    held = server.everything(NAME)
    assert b"A **secret** 0." in held and b"A **secret** 1." not in held and b"20." not in held
