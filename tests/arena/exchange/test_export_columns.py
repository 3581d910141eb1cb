"""What leaves: no id of a visitor, no word that was said, and every column accounted for."""

import json
from contextlib import closing

import pytest
from stored import CONTENDERS, filled

from arena.db.store import Store
from arena.exchange.export_columns import BATTLES, COMMENT, TEXTS, TURNS, VOTES, ExportColumns


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = filled(tmp_path_factory.mktemp("db") / "a.db")
    with closing(Store.open(path)) as db:
        return {kind: list(getattr(db.rows, kind)()) for kind in ("battles", "votes", "turns")}


def shown(rows, key):
    how = ExportColumns(key, texts=False)
    return {
        "battles": [how.battle(row) for row in rows["battles"]],
        "votes": [how.vote(row, CONTENDERS) for row in rows["votes"]],
        "turns": [how.turn(row) for row in rows["turns"]],
    }


def test_every_column_of_the_database_is_either_told_or_withheld(rows):
    withheld = {"features", *TEXTS}
    assert set(rows["battles"][0]) == set(BATTLES)
    renamed = {"left", "right", "choice", "visitor", "turns", "created", "reasons"}
    assert set(rows["votes"][0]) - renamed <= set(VOTES | COMMENT)
    assert set(rows["turns"][0]) - withheld <= set(TURNS)
    assert set(json.loads(rows["turns"][0]["features"])) <= set(TURNS)


def test_pseudonyms_are_the_same_in_all_files_and_not_without_the_key(rows):
    told, other = shown(rows, b"key"), shown(rows, b"another key")
    people = {row["visitor"] for row in told["battles"]}
    assert people == {row["judge"] for row in told["votes"]}
    assert people == {row["visitor"] for row in told["turns"]}
    assert len(people) == 3 and not people & {"v0", "v1", "v2"}
    assert not people & {row["judge"] for row in other["votes"]}


def test_the_hash_of_a_prompt_cannot_be_checked_without_the_key(rows):
    plain, told = rows["battles"][0]["prompt_hash"], shown(rows, b"key")
    hidden = told["battles"][0]["prompt_hash"]
    assert hidden != plain and hidden == told["turns"][0]["prompt_hash"]
    assert plain not in json.dumps(told["battles"])
