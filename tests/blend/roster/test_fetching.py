"""Files that come from the Hub first; test_pocket.py sees in a browser how far they are."""

from blend.roster import read
from blend.roster.fetching import Fetching


def test_nothing_is_said_where_nothing_is_fetched():
    told = []
    fetching = Fetching(read("scripted").members)
    fetching.run(told.append)
    assert told == [] and fetching.total == 0
