"""Votes at once from several processes, and processes killed: a short run of the command."""

import json
from contextlib import closing
from types import SimpleNamespace

import pytest

from arena import stress
from arena.arsenal import arm
from arena.crossfire import Sent
from arena.store import Store


def test_every_acknowledged_vote_is_there_once(tmp_path, capsys):
    db = tmp_path / "stress.db"
    options = ["--seconds", "3", "--battles", "2000", "--kills", "2", "--threads", "12"]
    # 1: too slow, as a busy machine may be; never unsound.
    assert stress.main(["--db", str(db), "--processes", "3", *options, "--json"]) in (0, 1)
    told = json.loads(capsys.readouterr().out)
    assert told["at once"]["faults"] == [] == told["killed"]["faults"]
    assert told["at once"]["stored"] > 0 and told["killed"]["kills"] == 2
    assert not db.exists()


def test_what_is_wrong_is_found(tmp_path):
    db = tmp_path / "a.db"
    ((battle, visitor), (other, _)) = arm(db, 2)
    with closing(Store.open(db)) as store:
        assert store.vote(battle, visitor, "tie").counted
    well, twice = Sent(battle, "tie", True, 0.1), Sent(battle, "left", True, 0.1)
    assert stress.found(db, [[well]], alive=True) == []
    assert stress.found(db, [[]], alive=True) == ["there are votes that nobody was told of"]
    assert len(stress.found(db, [[well], [twice]])) == 2
    lost = stress.found(db, [[Sent(other, "left", True, 0.1)]])
    assert lost == ["an acknowledged vote is not there as it was cast"]


def test_a_file_that_is_there_is_left_alone(tmp_path, capsys):
    (tmp_path / "a.db").write_text("mine")
    assert stress.main(["--db", str(tmp_path / "a.db")]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "a.db").read_text() == "mine"


@pytest.mark.parametrize("options", [{"processes": 0}, {"threads": 1}, {"seconds": 0}])
def test_what_makes_no_run_is_refused(tmp_path, options):
    usual = {"processes": 2, "threads": 2, "seconds": 1, "kills": 0, "battles": 1, "keep": False}
    with pytest.raises(ValueError, match="it takes"):
        stress.stress(SimpleNamespace(db=tmp_path / "a.db", **usual | options))
