"""compar:IA's count of turns: where it says 0, the messages tell it."""

import json
from contextlib import closing

import pytest
from foreign_files import FILES, bring

from arena.db.store import Store


@pytest.mark.parametrize("name", ["comparia_votes.jsonl", "comparia_reactions.jsonl"])
def test_turns_that_were_not_counted_are_those_of_the_messages(tmp_path, name):
    lines = (FILES / name).read_text().splitlines()
    rows = [json.loads(line) | {"conv_turns": 0, "response_content": None} for line in lines]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert bring(tmp_path / "a.jsonl", tmp_path / "a.db") == 0
    sent = {sum(each["role"] == "user" for each in row["conversation_a"]) for row in rows}
    with closing(Store.open_readonly(tmp_path / "a.db")) as store:
        assert {turns for (turns,) in store.database.query("SELECT turns FROM battles")} == sent
