"""The host's review of all votes is made again only where something was written since."""

from contextlib import closing

from arena.battle.vote_review import VoteReview
from arena.db.repositories.votes.ledger import LedgerQuery
from arena.db.store import Store
from arena.votes.rules import Limits


def test_votes_are_judged_again_only_after_something_was_written(tmp_path):
    path = str(tmp_path / "arena.db")
    with closing(Store.open(path)) as store:
        store.visits.add_visitor("ann")
        review = VoteReview(path, Limits())
        first = review.summary(LedgerQuery())
        assert review.summary(LedgerQuery(visitor="ann"))["reasons"] is first["reasons"]
        assert review.bar("ann", True)
        after = review.summary(LedgerQuery())
        assert after["reasons"] is not first["reasons"] and after["barred"] == ["ann"]
