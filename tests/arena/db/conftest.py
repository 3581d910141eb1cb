"""Two replicas of the arena's database."""

from contextlib import closing

import pytest

from arena.db.store import Store


@pytest.fixture
def pair(tmp_path):
    """Two replicas that know nothing yet."""
    with closing(Store.open(tmp_path / "a.db")) as one, closing(Store.open(tmp_path / "b.db")) as b:
        yield one, b
