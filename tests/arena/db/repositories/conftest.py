"""A database without a vote."""

from contextlib import closing

import pytest

from arena.db.store import Store


@pytest.fixture
def empty(tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as store:
        yield store
