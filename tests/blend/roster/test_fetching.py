"""What the page says while files come from the Hub; test_pocket.py sees it in a browser."""

import pytest

from blend.roster import read
from blend.roster.fetching import Fetching


@pytest.mark.parametrize(
    ("here", "total", "said"),
    [
        (0, 1_398_660_000, "0.0 of 1.4 GB"),
        (450_000_000, 1_398_660_000, "0.5 of 1.4 GB"),
        (12_000_000, 229_309_376, "12 of 229 MB"),
        (240_000_000, 229_309_376, "229 of 229 MB"),
    ],
)
def test_it_says_how_far_it_is(here, total, said):
    fetching = Fetching(read("pocket").members)
    assert fetching.notice == ""
    fetching.here, fetching.total = here, total
    first = "The models are fetched from the Hub first"
    assert fetching.notice == f"{first}: {said} are here. You can look around meanwhile."


def test_nothing_is_said_where_nothing_is_fetched():
    told = []
    fetching = Fetching(read("scripted").members)
    fetching.run(told.append)
    assert told == [] and fetching.notice == ""
