"""What the tests of the arena share: a site without a page, on scripted members."""

import pytest
from page_events import scripted


@pytest.fixture
def site(tmp_path):
    """It writes its replies at once."""
    with scripted(tmp_path) as site:
        yield site
