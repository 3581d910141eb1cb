"""A remote member whose server the roster starts: one command, one key, one after another."""

import asyncio
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing

import httpx
import psutil
import pytest
from app_process import ROOT, start
from replies import said
from rosters import of_remote, roster
from waiting import soon

from arena.simulation.page_client import BattleStats, battle_client
from blend.members import MemberDown, MemberError
from blend.members.local import devices, memory
from blend.roster import loading

SCRIPT = ROOT / "tests" / "support" / "serving_script.py"
COMMAND = [sys.executable, "-IS", str(SCRIPT), "{port}", "{key}"]


def line(*more: str, command=COMMAND) -> str:
    return f"serve = {[*command, *more]}"


def running(place) -> list[psutil.Process]:
    """What still runs of the servers whose command names a file in that folder."""
    every = psutil.process_iter(["cmdline", "status"])
    mine = [p for p in every if any(str(place) in part for part in p.info["cmdline"] or ())]
    return [p for p in mine if p.info["status"] != psutil.STATUS_ZOMBIE and p.pid != os.getpid()]


def servers(place) -> list[psutil.Process]:
    """The same without their guards."""
    return [p for p in running(place) if "guard.py" not in " ".join(p.cmdline())]


@pytest.fixture
def loaded(tmp_path):
    """Loads rosters, and closes what was loaded."""
    every = []

    def load(*members):
        every.append(loading.load_members(roster(tmp_path, of_remote(*members)).members))
        return every[-1]

    yield load
    for members in every:
        loading.close_members(members)
    assert running(tmp_path) == []


def test_a_server_that_dies_names_its_member_down_and_comes_back(loaded, tmp_path):
    member = loaded(line(str(tmp_path / "journal")))["m0"]
    assert asyncio.run(said(member)) == "Hello" and member.down is None
    assert len(running(tmp_path)) == 2  # the server and its guard
    servers(tmp_path)[0].kill()

    assert "its server was ended by signal 9" in soon(lambda: member.down)
    with pytest.raises(MemberDown, match="m0: its server was ended by signal 9"):
        asyncio.run(said(member))
    soon(lambda: member.down is None)
    assert asyncio.run(said(member)) == "Hello"


def test_servers_that_died_together_come_back_one_after_another(loaded, tmp_path):
    journal = tmp_path / "journal"
    members = loaded(*[line(str(journal), "0.5")] * 3)
    for server in servers(tmp_path):
        server.kill()
    soon(lambda: any(member.down for member in members.values()))
    soon(lambda: not any(member.down for member in members.values()))
    words = [entry.split() for entry in journal.read_text().splitlines()]
    assert [what for what, *_ in words] == ["starts", "ready"] * 6
    assert words[0][1] == words[1][1] != words[2][1] == words[3][1]  # their ports


def test_a_server_that_fails_is_one_line_and_leaves_nothing(tmp_path):
    fails = line(
        command=[sys.executable, "-ISc", "print('no such model'); raise SystemExit(3)", "{port}"]
    )
    both = of_remote(line(str(tmp_path / "journal")), fails)
    with pytest.raises(MemberError) as failure:
        loading.load_members(roster(tmp_path, both).members)
    assert str(failure.value) == "m1: its server ended with exit code 3; it printed: no such model"
    assert running(tmp_path) == []


def test_a_member_is_closed_while_its_server_comes_back(loaded, tmp_path):
    journal = tmp_path / "journal"
    member = loaded(line(str(journal), "1"))["m0"]
    for each in running(tmp_path):
        each.kill()
    soon(lambda: journal.read_text().count("starts") == 2)
    begun = time.monotonic()
    asyncio.run(member.aclose())
    soon(lambda: running(tmp_path) == [])
    assert time.monotonic() - begun < 5 and member.down == "it was closed"


SERVED = """
[[member]]
name = "near"
engine = "scripted"
lines = ["I am near."]

[[member]]
name = "far"
model = "m"
SERVE

[[blend]]
name = "Blended"
members = ["near", "far"]
"""


def test_one_command_goes_from_a_line_in_the_roster_to_a_vote(tmp_path):
    path = tmp_path / "served.toml"
    path.write_text(SERVED.replace("SERVE", line(str(tmp_path / "journal"))))
    site = start(tmp_path / "arena.db", "--roster", str(path))

    def replies() -> dict[str, str]:
        with closing(sqlite3.connect(site.db)) as db:
            return dict(db.execute("SELECT member, reply FROM turns WHERE reply != ''"))

    async def battles(seen: BattleStats) -> None:
        async with httpx.AsyncClient(base_url=site.url, timeout=60) as client:
            config = (await client.get("/config")).json()
            while len(replies()) < 2 and not seen.errors:
                await battle_client(client, config, time.monotonic() + 0.1, seen)

    try:
        asyncio.run(battles(seen := BattleStats("battles")))
        down = site.health()[1]["members"]["down"]
        assert len(running(tmp_path)) == 3  # the program, the server and its guard
    finally:
        site.stop(signal.SIGKILL)
    assert seen.votes and seen.errors == [] and down == {}
    assert replies() == {"near": "I am near.", "far": "Hello"}
    soon(lambda: not running(tmp_path))


def test_a_share_of_a_gpu_needs_one(tmp_path, monkeypatch):
    monkeypatch.setattr("blend.members.local.devices.DRIVERS", ())
    asks = line("{share}") + "\nwindow = 2048"
    with pytest.raises(MemberError, match=r"m0: .* a share of a GPU's memory, and there is no GPU"):
        loading.load_members(roster(tmp_path, of_remote(asks)).members)


def test_servers_on_one_gpu_share_its_memory(loaded, folders, tmp_path, monkeypatch):
    """A GPU of 24 GB, of which 20 are free, and 19 once the first server has started."""
    free = iter([20e9, 20e9, 19e9])
    monkeypatch.setattr(devices, "resolve_device", lambda asked: "cuda")
    monkeypatch.setattr(devices, "free_memory", lambda device: next(free))
    monkeypatch.setattr(devices, "total_memory", lambda device: 24e9)
    own = line(str(tmp_path / "journal"), "0", "{share}", "{share_of_free}")
    model = f'\nmodel = "{folders["llama"]}"\nwindow = 1024'
    loaded(own + model, own + model)
    parts = [[float(x) for x in one.cmdline()[-2:]] for one in servers(tmp_path)]
    (first, second), work = sorted(parts), memory.BASE_BYTES
    assert first[0] == second[0] and 2 * work / 24e9 < 2 * first[0] <= 0.9 * 20 / 24
    lasting = first[0] * 24e9 - work
    assert 0 < first[1] < lasting / 20e9 and second[1] == pytest.approx(
        first[1] * 20 / 19, abs=2e-3
    )
