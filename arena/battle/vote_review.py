"""The host's review of the site's own votes: what the rules of today would change, and bars."""

from collections import Counter
from contextlib import closing

from arena.db.store import Store
from arena.votes.recompute import recompute
from arena.votes.rules import Limits, explain

SHOWN = 200  # excluded votes that are listed at most, the newest ones


class VoteReview:
    """The own votes of the database at `path`, judged by `limits`.

    Each call opens the file by itself: it may take a second for every 100,000 votes, and the site's
    own connection must stay free. All raise StoreError.
    """

    def __init__(self, path: str, limits: Limits):
        self.path = path
        self.limits = limits

    def summary(self) -> dict[str, object]:
        """What the review would change, without storing it.

        suspects: (visitor, votes, two p-values) of who stands out, the surest first. reasons: why
        votes do not count, with their number. excluded: the newest of these votes, each with when,
        visitor, choice, reason and rules.
        """
        with closing(Store.open_readonly(self.path)) as store:
            result = recompute(store.vote_audit.read("own"), self.limits)
            excluded = store.vote_audit.excluded_votes(SHOWN)
            barred = store.vote_audit.barred_visitors()
        votes = result.votes
        codes = Counter(code for why in votes.reason[~votes.counted] for code in why.split(", "))
        return {
            "votes": len(votes.counted),
            "counted": int(votes.counted.sum()),
            "out": int(result.out.sum()),
            "back": int(result.back.sum()),
            "changes": int(result.changed.sum()),
            "rules": result.results.rules,
            "barred": barred,
            "suspects": result.suspects(),
            "reasons": [(explain(code), n) for code, n in codes.most_common()],
            "excluded": [
                (created, visitor, choice, explain(reason), rules)
                for created, visitor, choice, reason, rules in excluded
            ],
        }

    def bar(self, visitor: str, barred: bool) -> bool:
        """Bar a visitor, or lift that, for votes from now on. False where nobody has that id."""
        with closing(Store.open(self.path)) as store:
            return store.vote_audit.bar(visitor, barred)

    def store(self) -> int:
        """Store the review; the number of votes that it changed."""
        with closing(Store.open(self.path)) as store:
            result = recompute(store.vote_audit.read("own"), self.limits)
            return sum(store.vote_audit.apply(result.votes, result.results, result.changed))
