"""A process that is killed in mid-vote, again and again: every acknowledged vote is there once."""

import subprocess
import sys
from contextlib import closing

from app_process import ROOT
from stored import battle_of, opened

from arena.db.database import Database
from arena.db.whole_file import check_file

KILLS, BATTLES = 20, 1_600

VOTERS = """
import os, random, signal, sys, threading, time
from arena.db.store import Store
from arena.battle.voting import cast_vote

def voting(store, battles):
    for battle in battles:
        choice = random.choice(["left", "right", "tie"])
        cast_vote(store, battle, "ann", choice)
        os.write(1, f"{battle} {choice}\\n".encode())

battles, kills = sys.stdin.read().split(), int(sys.argv[2])
for n in range(kills):  # forked: an import takes longer than all the votes
    opened, begins = os.pipe()
    if child := os.fork():
        os.read(opened, 1)
        time.sleep(random.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    else:
        store = Store.open(sys.argv[1])
        os.write(begins, b".")
        for thread in range(4):
            part = battles[n::kills][thread::4]
            threading.Thread(target=voting, args=(store, part)).start()
        break
"""


def test_every_acknowledged_vote_is_there_once(tmp_path):
    db = tmp_path / "arena.db"
    with closing(opened(db)) as store, store.database.transaction():
        battles = [battle_of(store, "ready").id for _ in range(BATTLES)]
    command = [sys.executable, "-c", VOTERS, str(db), str(KILLS)]
    ran = subprocess.run(
        command, cwd=ROOT, input=" ".join(battles), capture_output=True, text=True, timeout=120
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    told = [tuple(line.split()) for line in ran.stdout.splitlines()]
    with closing(Database.open_readonly(db)) as file:
        check_file(file)
        stored = file.query("SELECT battle, choice FROM votes")
    assert 0 < len(told) < BATTLES and len(dict(told)) == len(told)
    # In each of the four threads one vote may be stored whose acknowledgement nobody heard.
    assert {*told} <= {*stored} and len(stored) <= len(told) + 4 * KILLS
