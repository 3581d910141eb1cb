"""Votes on the Hub: the real client against a stand-in of the Hub on loopback."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext

import pytest
from fake_hub_repo import oid
from hub_repository import NAME, kept, killed
from huggingface_hub import constants
from stored import fill, filled

from arena.db.replica import Replica
from arena.db.store import Store
from arena.exchange.hub import Hub
from tests.arena.db.test_event_files import told

# How the client itself hands a file to its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


@pytest.mark.parametrize(
    ("name", "token", "offline", "said"),
    [
        ("", "hf_test", False, r"disk only: no dataset repository is named \(hub\)\."),
        (NAME, "", False, r"disk only: there is no token .* me/votes \(HF_TOKEN\)\."),
        (NAME, "hf_test", True, r"disk only: HF_HUB_OFFLINE is set\."),
    ],
)
def test_without_what_it_needs_all_is_local_and_said(monkeypatch, name, token, offline, said):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nowhere/token")
    monkeypatch.setenv("HF_TOKEN", token)
    with closing(Store.open(":memory:")) as store:
        hub = Hub(store, name)
        hub.start()
        fill(store, 1)
        assert not hub.flush()
        hub.close()
        assert re.search(said, hub.status())


def test_votes_are_there_on_another_disk_and_so_are_those_of_before(server, replica, tmp_path):
    filled(tmp_path / "a.db", 6)
    store, hub = replica("a")
    fill(store, 2, first=6)
    assert hub.flush() and len(kept(server)) == 1
    other, _ = replica("b")
    assert other.votes.counts() == store.votes.counts() and other.votes.counts().votes == 8
    assert server.repos[NAME].private
    assert hub.status().startswith("Votes are kept in the private dataset me/votes on the Hub")


def test_two_replicas_have_one_board(server, replica):
    (one, first), (two, second) = replica("a"), replica("b")
    fill(one, 5)
    fill(two, 7, first=20)
    for hub in (first, second, first):
        assert hub.flush()
    assert one.votes.counts() == two.votes.counts() and one.votes.counts().votes == 12
    assert len(kept(server)) == 2
    before = len(server.repos[NAME].commits)
    assert first.flush() and second.flush()
    assert len(server.repos[NAME].commits) == before


def test_a_failing_upload_loses_nothing_and_is_told(server, replica):
    store, hub = replica("a")
    fill(store, 3)
    server.failing = 403
    assert not hub.flush() and not hub.flush()
    assert "has taken nothing since" in hub.status()
    fill(store, 2, first=3)
    server.failing = 0
    assert hub.flush() and "has taken nothing" not in hub.status()
    assert replica("b")[0].votes.counts() == store.votes.counts()


def test_what_a_process_wrote_and_could_not_push_the_next_one_pushes(server, replica):
    store, hub = replica("a")
    fill(store, 3)
    server.failing = 403
    assert not hub.flush()
    killed(hub)
    server.failing = 0
    assert not kept(server)
    assert replica("a")[1].flush()
    assert len(kept(server)) == 1
    assert replica("b")[0].votes.counts() == store.votes.counts()


def test_a_commit_whose_answer_was_lost_counts_once(server, replica):
    store, hub = replica("a")
    fill(store, 3)
    server.cut = True
    assert not hub.flush()
    server.cut = False
    fill(store, 1, first=3)
    assert hub.flush()
    other, _ = replica("b")
    assert other.votes.counts() == store.votes.counts()


def test_a_hub_that_answers_late_is_met_late(server, replica):
    server.failing = 500
    store, hub = replica("a")
    fill(store, 2)
    assert "has taken nothing yet" in hub.status() and not hub.flush()
    server.failing = 0
    until = threading.Event()
    for _ in range(200):
        if hub.flush():
            break
        until.wait(0.1)
    assert replica("b")[0].votes.counts().votes == 2


def test_a_public_repository_gets_nothing(server, replica):
    replica("a")[1].close()
    server.repos[NAME].private = False
    store, hub = replica("b")
    fill(store, 1)
    assert not hub.flush() and "me/votes is public" in hub.status()
    assert b"A secret?" not in server.everything(NAME)


@pytest.mark.parametrize("busy", [1, 3, 99])
def test_a_hub_on_which_another_commit_is_in_progress_is_asked_again(
    server, replica, monkeypatch, busy
):
    monkeypatch.setattr("arena.exchange.hub.PAUSES", (0.01,) * 5)
    store, hub = replica("a")
    fill(store, 3)
    server.busy = busy
    assert hub.flush() == (busy < 5)
    server.busy = 1
    store.erasure.erase_visitor("v1")
    assert hub.flush()
    assert b"A **secret** 1." not in server.everything(NAME)
    assert replica("b")[0].votes.counts() == store.votes.counts()


def test_what_others_commit_meanwhile_is_merged_first(server, replica, monkeypatch):
    monkeypatch.setattr("arena.exchange.hub.PAUSES", (0.01,) * 5)
    (one, first), (two, second) = replica("a"), replica("b")
    fill(two, 2, first=30)
    fill(one, 3)
    once = iter([True])
    server.before_commit = lambda: next(once, False) and second.flush()
    # The other replica's requests come in the middle of this one's.
    monkeypatch.setattr(server, "lock", nullcontext())
    assert first.flush() and first.flush() and second.flush()
    assert one.votes.counts() == two.votes.counts() and one.votes.counts().votes == 5
    assert sum(path.startswith("snapshots/") for path in kept(server)) == len(kept(server)) <= 2


def test_a_new_process_takes_the_place_of_what_ended_and_others_come_again(server, replica):
    (one, first), (two, second) = replica("a"), replica("b")
    for n in range(3):
        fill(one, 1, first=n)
        fill(two, 1, first=10 + n)
        assert first.flush() and second.flush()
    assert len(kept(server)) == 2
    killed(first)
    store, hub = replica("c")
    assert hub.flush() and len(kept(server)) == 2, "it has nothing to say yet"
    fill(store, 1, first=30)
    assert hub.flush() and len(kept(server)) == 1
    assert second.flush() and hub.flush() and len(kept(server)) == 2
    assert store.votes.counts() == two.votes.counts() and store.votes.counts().votes == 7


def test_history_and_its_large_files_go_now_and_then(server, replica, monkeypatch):
    monkeypatch.setattr("arena.exchange.hub.PUSHES", 4)
    store, hub = replica("a")
    for n in range(6):
        fill(store, 1, first=n)
        assert hub.flush()
        assert len(server.repos[NAME].commits) <= 4
        assert len(server.blobs) <= 4
    assert oid(server.repos[NAME].files[kept(server)[0]]) in server.blobs


def test_no_line_and_no_snapshot_stops_the_others(server, replica, caplog):
    store, hub = replica("a")
    fill(store, 4)
    hub.flush()
    repo = server.repos[NAME]
    odd = b"[" * 100_000 + b'\n{"part": "forgotten", "at": 1, "row": {}}\n'
    files = {"events/odd.jsonl": odd, "snapshots/odd.db": b"no database" * 999}
    repo.commit(repo.files | files)
    other, second = replica("b")

    assert other.votes.counts() == store.votes.counts()
    assert "2 lines of event files are left out" in caplog.text
    fill(other, 2, first=30)
    assert second.flush() and hub.flush() and store.votes.counts() == other.votes.counts()
    assert "snapshots/odd.db is damaged and was left out: delete it there" in hub.status()
    assert "snapshots/odd.db" in kept(server) and "events/odd.jsonl" not in kept(server)


def test_what_an_older_version_pushed_is_read_once(server, replica, tmp_path):
    store, hub = replica("a")
    with closing(Store.open(tmp_path / "old.db")) as old:
        fill(old, 3)
        Replica(old.database).write_snapshot(tmp_path / "s.db")
        fill(old, 4, first=3)
        lines = b"".join(told(old))
        tally = old.votes.counts()
    repo = server.repos[NAME]
    repo.commit(
        repo.files
        | {"snapshots/old.db": (tmp_path / "s.db").read_bytes(), "events/old.jsonl": lines}
    )
    assert hub.flush() and store.votes.counts() == tally
    fill(store, 1, first=50)
    assert hub.flush() and len(kept(server)) == 1
    other, _ = replica("b")
    assert other.votes.counts() == store.votes.counts() and other.votes.counts().votes == 8


def test_a_repository_that_was_emptied_is_filled_again(server, replica):
    store, hub = replica("a")
    fill(store, 3)
    hub.flush()
    server.repos.clear()
    replica("c")
    assert hub.flush()
    assert replica("b")[0].votes.counts() == store.votes.counts()


def test_a_snapshot_of_a_newer_version_is_left_alone(server, replica, tmp_path):
    store, hub = replica("a")
    with closing(Store.open(tmp_path / "new.db")) as newer:
        newer.database.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('arena', 'm999_telepathy', 'tomorrow')"
        )
        Replica(newer.database).write_snapshot(tmp_path / "s.db")
    repo = server.repos[NAME]
    repo.commit(repo.files | {"snapshots/new.db": (tmp_path / "s.db").read_bytes()})
    fill(store, 1)
    assert not hub.flush() and "newer version" in hub.status()
    assert kept(server) == ["snapshots/new.db"]


def test_however_often_it_is_to_push_meanwhile_one_push_follows_the_one_that_runs(
    server, replica, monkeypatch
):
    store, hub = replica("a")
    fill(store, 1)
    go, running, sync, syncs = threading.Event(), threading.Event(), hub._sync, []
    monkeypatch.setattr(hub, "_sync", lambda: syncs.append(1) or sync())
    server.before_commit = lambda: running.set() or go.wait(60)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(hub.flush, 60)
        assert running.wait(60)
        fill(store, 1, first=1)
        assert not any(hub.flush(0.01) for _ in range(8))
        last = threads.submit(hub.flush, 60)
        go.set()
        assert first.result() and last.result() and len(syncs) == 2
    assert replica("b")[0].votes.counts().votes == 2
