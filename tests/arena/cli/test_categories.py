"""Old battles by the rules of today: what would change is told, and stored when asked."""

import json

from stored import filled

from arena.categories.tagger import VERSION
from arena.cli import categories
from arena.db import file_lock

ROSTER = """
[categories]
secrets = ["secret*"]
[[member]]
name = "m"
lines = ["x"]
[[blend]]
name = "b"
members = ["m"]
"""


def run(capsys, db, *options):
    assert categories.main(["--db", str(db), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_old_battles_get_the_categories_of_the_roster_once(tmp_path, capsys):
    db, roster = filled(tmp_path / "a.db", votes=6), tmp_path / "r.toml"
    roster.write_text(ROSTER)
    own = ("--roster", str(roster))
    assert run(capsys, db) == {
        **{"rules": VERSION, "changed": 0, "without_text": 0, "applied": False, "battles": {}}
    }
    told = run(capsys, db, *own)
    assert (told["changed"], told["battles"]) == (6, {})
    stored = run(capsys, db, *own, "--apply")
    assert (stored["changed"], stored["battles"]) == (6, {"secrets": 6})
    assert run(capsys, db, *own)["changed"] == 0
    assert run(capsys, db, "--apply")["battles"] == {}


def test_it_is_said_in_lines_with_what_to_do_next(tmp_path, capsys):
    db, roster = filled(tmp_path / "a.db", votes=2), tmp_path / "r.toml"
    roster.write_text(ROSTER)
    assert categories.main(["--db", str(db), "--roster", str(roster)]) == 0
    assert "2 battles tagged by other rules, or by none: categories --db" in capsys.readouterr().out
    assert categories.main(["--db", str(db), "--roster", str(roster), "--apply"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "        2  secrets"


def test_what_cannot_be_done_is_one_line(tmp_path, capsys):
    assert categories.main(["--db", str(tmp_path / "none.db"), "--apply"]) == 2
    assert "there is no database" in capsys.readouterr().err
    db = filled(tmp_path / "a.db", votes=1)
    assert categories.main(["--db", str(db), "--roster", "nowhere.toml"]) == 2
    assert "no roster 'nowhere.toml'" in capsys.readouterr().err
    with file_lock.exclusive(db):
        assert categories.main(["--db", str(db), "--apply"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
