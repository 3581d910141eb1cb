"""The page of a visitor's own votes where the database cannot be read."""

import asyncio

from page_events import scripted

from arena.pages.votes.page import VotesEvents
from arena.texts import ENGLISH


def test_votes_that_cannot_be_read_are_no_file(tmp_path, notices, caplog):
    with scripted(tmp_path) as site:
        site.store.close()
        assert asyncio.run(VotesEvents(site).save("v", None)) == ("", "")
    assert notices == [ENGLISH("votes.unread")] and "arena.db" in caplog.text
