"""All votes under the rules again: what changes is told, stored when asked, and never deleted."""

import json
from contextlib import closing

import pytest
from stored import filled

from arena.cli import recompute
from arena.db import file_lock
from arena.db.store import Store
from arena.simulation import simulate
from arena.votes.recompute import recompute as recomputed


def run(capsys, db, *options):
    assert recompute.main(["--db", str(db), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_barred_visitors_earlier_votes_go_and_come_back(tmp_path, capsys):
    db = filled(tmp_path / "a.db", votes=12)
    assert (run(capsys, db)["counted_before"], run(capsys, db)["changed"]) == (12, 0)
    with closing(Store.open(db)) as store:
        assert store.vote_audit.bar("v1", True) and not store.vote_audit.bar("nobody", True)
        assert store.vote_audit.barred_visitors() == ["v1"]
    told = run(capsys, db)
    assert (told["out"], told["back"], told["reasons"]) == (4, 0, {"barred": 4})
    assert run(capsys, db)["counted_before"] == 12  # it only looked
    run(capsys, db, "--apply")
    with closing(Store.open(db)) as store:
        assert (store.votes.counts().counted, store.votes.counts().votes) == (8, 12)
    with closing(Store.open(db)) as store:
        store.vote_audit.bar("v1", False)
    assert run(capsys, db, "--apply")["back"] == 4
    assert run(capsys, db)["changed"] == 0


def test_votes_of_before_the_rules_are_judged_and_those_who_vote_for_one_side(tmp_path, capsys):
    db = tmp_path / "a.db"
    made = ["--votes", "4000", "--visitors", "40", "--bad", "0.3", "--seed", "3"]
    assert simulate.main(["--db", str(db), *made]) == 0
    with closing(Store.open(db)) as store:
        before = store.votes.counts("simulated").outcomes
        store.database.execute("UPDATE votes SET counted = 1, reason = '', rules = '1'")
    capsys.readouterr()
    told = run(capsys, db, "--source", "simulated", "--apply")
    assert told["one_sided_visitors"] > 0 and told["out"] > 0 and told["changed"] == 4000
    with closing(Store.open(db)) as store:
        after = store.votes.counts("simulated")
        assert after.outcomes == before and after.votes == 4000
    with closing(Store.open(db)) as store:
        suspects = recomputed(store.vote_audit.read("simulated")).suspects()
    assert len(suspects) >= told["one_sided_visitors"]
    assert all(votes > 0 and min(side, odd) < 0.05 for _, votes, side, odd in suspects)


def test_the_apps_file_is_looked_at_but_not_changed(tmp_path, capsys):
    db = filled(tmp_path / "a.db")
    with file_lock.shared(db):
        assert run(capsys, db)["votes"] == 12
        assert recompute.main(["--db", str(db), "--apply"]) == 2
    assert "the app holds" in capsys.readouterr().err


@pytest.mark.parametrize("apply", [[], ["--apply"]])
def test_a_file_that_is_not_there_is_not_made(tmp_path, capsys, apply):
    assert recompute.main(["--db", str(tmp_path / "no.db"), *apply]) == 2
    assert "there is no database" in capsys.readouterr().err
    assert not (tmp_path / "no.db").exists()


def test_a_terminal_is_told_in_sentences_and_how_to_store_it(tmp_path, capsys):
    db = filled(tmp_path / "a.db", votes=0)
    assert run(capsys, db, "--apply")["votes"] == 0
    assert recompute.main(["--db", str(db), "--source", "simulated"]) == 0
    said = capsys.readouterr().out
    assert "0 simulated votes under rules" in said and "Nothing was changed" in said
    assert f"review --db {db} --source simulated --apply" in said
