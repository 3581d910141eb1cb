"""A site on which battles are played."""

import pytest
from battling import scripted_battles


@pytest.fixture
def site(tmp_path):
    """Of scripted members; a file that needs another one makes its own."""
    with scripted_battles(tmp_path) as site:
        yield site
