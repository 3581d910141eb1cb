"""Self-play on the shipped models: short, real conversations, measured and shown."""

import json
from argparse import Namespace

import pytest

from blend.conversation import Conversation, Turn
from blend.members.scripted import Scripted
from blend.roster import read
from blend.training import selfplay
from blend.training.recipes import MODELS


def test_the_visitor_writes_a_line_for_each_conversation_and_repeats_itself_exactly() -> None:
    visitor = selfplay.SimulatedVisitor(MODELS / "mixed")
    conversations = [
        Conversation(turns=(Turn("Hello!", "Hi, how are you?"),)),
        Conversation(turns=(Turn("Book a table.", "In which city?"), Turn("Oakland.", "Done."))),
    ]
    lines = visitor.lines(conversations)
    assert lines == visitor.lines(conversations) and len(lines) == 2 and all(lines)


def test_a_short_study_prints_its_table_and_writes_its_json(tmp_path, capsys) -> None:
    out = tmp_path / "played.json"
    args = ["--each", "1", "--turns", "2", "--only", "Blended", "smalltalk", "--show", "1"]
    assert selfplay.main([*args, "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert "| Blended |" in said and "- distinct2: Blended is" in said and "- visitor: Hi!" in said
    games = json.loads(out.read_text())
    assert [len(games[name]) for name in ("Blended", "smalltalk")] == [3, 3]
    assert all(game["replies"] == 2 and game["words"] > 0 for game in games["smalltalk"])


@pytest.mark.parametrize(("grid", "count"), [(False, 1), (True, len(selfplay.GRID))])
def test_only_those_are_played_that_are_named_spaces_and_all(tmp_path, grid, count) -> None:
    tables = [f'[[member]]\nname = "{name}"\nlines = ["x"]' for name in ("red oak", "red elm")]
    blend = '[[blend]]\nname = "All"\nmembers = ["red oak", "red elm"]'
    (tmp_path / "r.toml").write_text("\n".join([*tables, blend]))
    members = {name: Scripted(name) for name in ("red oak", "red elm")}
    args = Namespace(only=["red oak"], best_of=1, grid=grid)
    names = [name for name, *_ in selfplay.runs(read(tmp_path / "r.toml"), members, None, args)]
    assert len(names) == count and all(name.startswith("red oak") for name in names)


def test_the_reward_is_the_mean_over_all_replies_each_after_what_was_said_before() -> None:
    class Counting:
        def scores(self, history, replies):
            return [100 * len(history) + len(reply) for reply in replies]

    turns = (Turn("Hello!", "Hi!"), Turn("And?", ""), Turn("Well?", "Hello"))
    reward = selfplay.mean_reward(Counting(), Conversation(turns=turns))
    assert reward == (103 + 301 + 505) / 3


def test_what_cannot_be_played_is_one_line(tmp_path, capsys) -> None:
    assert selfplay.main(["--visitor", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "no model in the folder" in error and error.count("\n") == 1
