"""Replicas that are killed at any moment, while the Hub fails now and then: nothing is lost that
was pushed, nothing of the disk that was voted, and nothing counts twice."""

import os
import random
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from fake_hub import Server
from huggingface_hub import constants

from arena.db.database import Database
from arena.db.store import Store
from arena.db.whole_file import check_file
from arena.exchange.hub import Hub

WORKER = Path(__file__).parents[1] / "support" / "hub_replica.py"
ENVIRONMENT = {"HF_TOKEN": "hf_test", "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_TELEMETRY": "1"}

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


class Replica:
    """A worker on a disk, from its start to its sudden end."""

    def __init__(self, db: Path, url: str, first: int):
        command = [sys.executable, str(WORKER), str(db), url, str(first)]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | ENVIRONMENT,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()

    def has_reply(self, word: str, times: int = 1, within: float = 600.0) -> bool:
        """Wait for so many of these lines, as long as the worker lives: a machine that is busy
        pushes late. within: seconds after which it hangs."""
        until, alive = time.monotonic() + within, True
        while alive and time.monotonic() < until:
            alive = self.process.poll() is None
            if sum(line.startswith(word) for line in self.lines) >= times:
                return True
            time.sleep(0.01)
        return False

    def kill(self) -> tuple[set[str], set[str]]:
        """End it at once. The votes that were on its disk, and those that were pushed."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        whole = [line.split() for line in self.lines if line.endswith("\n")]
        last = max((n for n, words in enumerate(whole) if words == ["pushed"]), default=-1)
        voted = [words[1] for words in whole if words[0] == "voted"]
        pushed = [words[1] for words in whole[: last + 1] if words[0] == "voted"]
        return set(voted), set(pushed)


def whole(db: Path) -> set[str]:
    """The battles that have a vote in the file, which is checked."""
    with closing(Database.open_readonly(db)) as file:
        check_file(file)
    with closing(Store.open(db)) as store:
        return {id for (id,) in store.database.query("SELECT battle FROM votes")}


@pytest.mark.parametrize("seed", [1])
def test_replicas_killed_at_any_moment(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    rng = random.Random(seed)
    disks = [tmp_path / "a.db", tmp_path / "b.db"]
    ever, kept = set(), set()
    with Server() as server, ExitStack() as ends:
        for life in range(3):
            running = [Replica(db, server.url, 1000 * life + 500 * n) for n, db in enumerate(disks)]
            for replica in running:  # also where the test fails: they would work on without end
                ends.callback(replica.kill)
            assert all(replica.has_reply("pushed") for replica in running)
            if life == 1:
                server.failing = 403
                votes = sum(line.startswith("voted") for line in running[0].lines)
                assert running[0].has_reply("voted", votes + 6)
                server.failing = 0
            time.sleep(rng.random())
            for replica, db in zip(running, disks, strict=True):
                voted, pushed = replica.kill()
                here = whole(db)
                assert voted <= here
                ever, kept = ever | here, kept | pushed
            if life == 1:  # one of them loses its disk, too
                for file in tmp_path.glob("b.db*"):
                    file.unlink()
        with closing(Store.open(tmp_path / "new.db")) as store:
            hub = Hub(store, "me/votes", every=60, endpoint=server.url)
            hub.start(patience=600)
            hub.close(patience=600)
            assert store.votes.counts().votes == len(whole(tmp_path / "new.db"))
    assert kept and kept <= whole(tmp_path / "new.db") <= ever
