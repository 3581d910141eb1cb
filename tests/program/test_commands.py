"""The commands as their users run them: light, and never against the app that holds the file."""

import re
import subprocess
import sys
from contextlib import closing

import pytest
from app_process import ROOT, start
from stored import fill, filled, votes_of

from arena.db.store import Store
from arena.exchange.vote_row import NAMES


def arena(*argv):
    return subprocess.run(
        [sys.executable, "-m", "arena", *map(str, argv)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


LIGHT = """
import sys
from arena.__main__ import COMMANDS
from importlib import import_module
for words in WORDS:
    assert import_module(COMMANDS[words[0]]).main(words[1:]) == 0
print({"torch", "gradio", "transformers"} & {*sys.modules})
"""


def test_no_command_needs_models_or_the_page(tmp_path):
    db = str(filled(tmp_path / "a.db", votes=2))
    (tmp_path / "a.csv").write_text("left,right,winner\noak,elm,tie\n")
    csv, out, *others = (str(tmp_path / name) for name in ("a.csv", "out", "b.db", "c.db", "d.db"))
    words = [
        ["export", "--db", db, "--out", out],
        ["merge", db, "--into", others[0]],
        ["import", csv, "--db", others[1]],
        ["backup", "--db", db, "--out", others[2]],
    ]
    code = LIGHT.replace("WORDS", repr(words))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ["set()"], done.stderr


def test_a_running_app_keeps_writers_out_and_lets_readers_in(tmp_path):
    db = tmp_path / "arena.db"
    running = start(db, "--roster", "scripted")
    (tmp_path / "a.csv").write_text("left,right,winner\noak,elm,tie\n")
    other = filled(tmp_path / "other.db", votes=2)
    with closing(Store.open(db)) as store:
        fill(store, 3)
    for writer in (("import", tmp_path / "a.csv", "--db", db), ("merge", other, "--into", db)):
        done = arena(*writer)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"the app holds {db}: stop it, or work on a copy" in done.stderr.splitlines()[-1]
    assert arena("export", "--db", db, "--out", tmp_path / "out").returncode == 0
    assert arena("backup", "--db", db, "--out", tmp_path / "copy.db").returncode == 0
    assert arena("merge", db, "--into", tmp_path / "copy.db").returncode == 0

    running.process.kill()
    running.process.wait()
    running.reader.join()
    running.process.stdout.close()
    assert arena("import", tmp_path / "a.csv", "--db", db).returncode == 0
    with closing(Store.open_readonly(db)) as store:
        assert (store.votes.counts("own").votes, store.votes.counts("imported").votes) == (3, 1)


def test_the_commands_of_the_readme_do_what_it_says(tmp_path):
    section = (ROOT / "arena/exchange/README.md").read_text().split("## The Hub")[0]
    commands = re.findall(r"^    python -m arena (.+)$", section, re.MULTILINE)
    (tmp_path / "votes.csv").write_text(re.search(r"```csv\n(.+?)```", section, re.DOTALL)[1])
    filled(tmp_path / "other.db", votes=4)
    commands = [each for each in commands if not each.startswith(("publish", "forget"))]
    verbs = ["import", "export", "export", "backup", "merge", "export"]
    assert [command.split()[0] for command in commands] == verbs
    for command in commands:
        words, folders = command.split(), ("votes", "pairs", "licensed")
        files = [word for word in words if word in folders or word.endswith((".csv", ".db"))]
        done = arena(*(tmp_path / word if word in files else word for word in words))
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "votes" / "votes.parquet").exists()
    with closing(Store.open_readonly(tmp_path / "all.db")) as store:
        votes = [(vote.choice, vote.created) for vote in votes_of(store, "imported")]
        assert votes == [("left", 1748772000.0), ("tie", 1748772300.0)]
        assert (store.votes.counts("own").votes, store.votes.counts("imported").votes) == (4, 2)


@pytest.mark.parametrize("what", ["visitor", "time", "turns", "language", "blind"])
def test_the_readme_names_the_columns_that_are_read(what):
    section = (ROOT / "arena/exchange/README.md").read_text().split("## The Hub")[0]
    (row,) = (line for line in section.splitlines() if line.startswith(f"| {what}"))
    told = [name for name in re.findall(r"`(\w+)`", row) if name in NAMES[what]]
    both = {name for told_name in told for name in (told_name, f"{told_name}_id", f"{told_name}id")}
    assert told == [name for name in NAMES[what] if name in told]
    assert {*NAMES[what]} <= both
