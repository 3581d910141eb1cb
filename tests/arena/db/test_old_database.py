"""A database that the program of commit 1a61a72 wrote opens, migrates and says what it said then.

golden/arena-1a61a72.db.gz has own votes (some do not count: too fast, barred, not blind), battles
without a vote, chats with thumbs, a regenerated and an undone reply, an experiment, a visitor who
was forgotten, imported and simulated rows. The JSON beside it is what that program showed of it.
"""

import gzip
import json
from contextlib import closing

import pytest
from app_process import ROOT

from arena.cli import leaderboard
from arena.db.store import Store

GOLDEN = ROOT / "tests" / "golden" / "arena-1a61a72"
OPTIONS = {
    "plain": [],
    "style": ["--style"],
    "weighted": ["--weighted"],
    "turns": ["--by", "turns"],
    "language": ["--by", "language"],
}
SHOWN = json.loads(gzip.decompress(GOLDEN.with_suffix(".json.gz").read_bytes()))


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """The file, brought up to date."""
    path = tmp_path_factory.mktemp("old") / "arena.db"
    path.write_bytes(gzip.decompress(GOLDEN.with_suffix(".db.gz").read_bytes()))
    Store.open(path).close()
    return path


def old_keys(old, new):
    """`new` without the keys that `old` has not."""
    if isinstance(old, dict):
        return {key: old_keys(old[key], new[key]) for key in old}
    if isinstance(old, list) and len(old) == len(new):
        return [old_keys(*each) for each in zip(old, new, strict=True)]
    return new


@pytest.mark.parametrize("board", sorted(key for key in SHOWN if " " in key))
def test_the_board_is_the_same_to_the_last_digit(db, board, capsys):
    source, kind = board.split()

    leaderboard.main(["--db", str(db), "--json", "--source", source, *OPTIONS[kind]])

    shown = json.loads(capsys.readouterr().out)
    assert old_keys(SHOWN[board], shown) == SHOWN[board]


def test_visits_and_chats_are_the_same(db):
    talk = SHOWN["conversation"]
    with closing(Store.open(db)) as store:
        was = store.experiments.exposure_data("blend-or-ash")
        loaded = store.conversations.load(talk["id"], talk["visitor"])

        listed = store.history.page(talk["visitor"])

    assert [[t.prompt, t.reply, t.draw.member] for t in loaded.turns] == talk["turns"]
    assert talk["id"] in [each.id for each in listed] and all(each.active for each in listed)
    assert SHOWN["experiment"] == {
        "arms": was.arms.tolist(),
        "joined": was.joined.tolist(),
        "visits": [column.tolist() for column in was.visits],
    }
