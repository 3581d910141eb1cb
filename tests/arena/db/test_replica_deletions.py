"""What one replica deleted stays deleted, and where no texts are kept none come from another."""

from contextlib import closing
from pathlib import Path

import pytest
from replicas import rows, take, tell
from stored import fill

from arena.db.replica import Replica
from arena.db.repositories.erasure import pseudonym
from arena.db.store import Store
from arena.models import Refused


def test_who_was_forgotten_does_not_come_back_with_older_rows(pair):
    one, other = pair
    fill(one, 6)
    old = tell(one, one)
    one.erasure.erase_visitor("v0")
    tell(one, other)
    assert Replica(other.database).deletions() == (0, 0)
    with pytest.raises(Refused, match="has been deleted"):
        fill(other, 1)
    take(other, old)
    assert Replica(other.database).deletions() == (1, 0), "what still has them must go"
    assert rows(other)["visitors"] == rows(one)["visitors"]
    assert other.votes.counts() == one.votes.counts()
    assert pseudonym("v0") in {row[0] for row in rows(other)["visitors"]}
    assert b"A **secret** 3." not in Path(other.database.path).read_bytes()


def test_texts_that_were_dropped_as_old_do_not_come_back(pair):
    one, other = pair
    fill(one, 3)
    old = tell(one, other)
    assert one.erasure.expire_texts(one.database.clock() + 90_000, 1)
    take(one, old)
    tell(one, other)
    for store in pair:
        assert store.database.query_one("SELECT count(prompt), count(*) FROM turns") == (0, 6)
        assert b"**secret**" not in Path(store.database.path).read_bytes()


def test_where_no_texts_are_kept_none_come_and_none_are_lost_elsewhere(tmp_path, pair):
    one, _ = pair
    fill(one, 3)
    before = rows(one)
    with closing(Store.open(tmp_path / "c.db", keep_texts=False)) as quiet:
        tell(one, quiet)
        assert quiet.votes.counts() == one.votes.counts()
        assert Replica(quiet.database).deletions() == (1, 0)
        assert b"**secret**" not in Path(quiet.database.path).read_bytes()
        tell(quiet, one)
    assert rows(one) == before
