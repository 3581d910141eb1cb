"""Made-up chats with thumbs, in a file of their own."""

from contextlib import closing

from arena.db.store import Store
from arena.simulation.synthetic_log import main


def test_a_log_is_written_that_tells_its_thumbs(tmp_path, capsys):
    path = tmp_path / "made-up.db"
    assert main(["--db", str(path), "--turns", "120", "--seed", "3"]) == 0
    with closing(Store.open_readonly(path)) as store:
        ((contender, turns, told),) = store.turn_log.drawn_contenders()
        rows = list(store.turn_log.logged_turns([contender.id], "thumb", 0.0))

    assert turns == told == len(rows) >= 120
    assert contender.config["simulated"] and contender.name == "Made-up blend"
    later = next(row for row in rows if len(row.conversation.turns) > 1)
    assert later.conversation.turns[0].has_reply and later.conversation.turns[0].draw


def test_a_file_that_is_there_is_left_alone(tmp_path, capsys):
    path = tmp_path / "arena.db"
    path.write_text("mine")
    assert main(["--db", str(path)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert path.read_text() == "mine"
