"""A small site whose votes the tests of data sets export."""

import pytest
from judged import judged


@pytest.fixture(scope="session")
def db(tmp_path_factory):
    """Its database, which no test changes."""
    return judged(tmp_path_factory.mktemp("db") / "a.db")
