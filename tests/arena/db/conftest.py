"""An empty database, and two replicas of one."""

from contextlib import closing

import pytest

from arena.db.store import Store


@pytest.fixture
def empty(tmp_path):
    """A store without a row."""
    with closing(Store.open(tmp_path / "arena.db")) as store:
        yield store


@pytest.fixture
def pair(tmp_path):
    """Two replicas that know nothing yet."""
    with closing(Store.open(tmp_path / "a.db")) as one, closing(Store.open(tmp_path / "b.db")) as b:
        yield one, b
