"""A database that a command writes: alone, and a new one only when it is whole."""

import pytest

from arena import hold
from arena.exchange.target import target
from arena.records import StoreError


def test_a_file_that_is_there_is_itself(tmp_path):
    db = tmp_path / "arena.db"
    db.touch()
    with target(db) as place, pytest.raises(StoreError), hold.shared(db):
        raise AssertionError
    assert place == db


def test_a_new_file_gets_its_name_at_the_end(tmp_path):
    db = tmp_path / "arena.db"
    with target(db) as place:
        place.write_text("whole")
        assert not db.exists()
    assert db.read_text() == "whole"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["arena.db", "arena.db.lock"]


def test_what_fails_leaves_no_new_file(tmp_path):
    db = tmp_path / "arena.db"
    with pytest.raises(KeyboardInterrupt), target(db) as place:
        place.write_text("half")
        raise KeyboardInterrupt
    assert [p.name for p in tmp_path.iterdir()] == ["arena.db.lock"]


def test_who_made_the_file_meanwhile_is_not_overwritten(tmp_path):
    db = tmp_path / "arena.db"
    with pytest.raises(FileExistsError), target(db) as place:
        place.write_text("mine")
        db.write_text("theirs")
    assert db.read_text() == "theirs"
