"""The host's review: all votes, what the rules of today would change, bars, and who is retired."""

import os
from collections import Counter
from contextlib import closing
from itertools import islice

from arena.csv_cells import BYTE_ORDER_MARK, csv_lines
from arena.db.repositories.contenders import name_problem
from arena.db.repositories.votes.feedback import COLUMNS
from arena.db.repositories.votes.ledger import LedgerQuery
from arena.db.store import Store
from arena.models import Contender
from arena.votes.recompute import recompute
from arena.votes.rules import Limits, explain

SHOWN = 100  # votes that are listed at most, the newest ones


class VoteReview:
    """The own votes of the database at `path`, judged by `limits`.

    Each call opens the file by itself: it may take a second for every 100,000 votes, and the site's
    own connection must stay free. All raise StoreError.
    """

    def __init__(self, path: str, limits: Limits):
        self.path = path
        self.limits = limits
        self._kept: tuple[object, dict[str, object]] = None, {}

    def summary(self, query: LedgerQuery) -> dict[str, object]:
        """What the review would change, without storing it; and the newest votes of a query.

        suspects: (visitor, votes, two p-values) of who stands out, the surest first. reasons: why
        votes do not count, with their number. ledger: the votes, each with its reason in words.
        contenders: each with whether the host has retired it.
        """
        with closing(Store.open_readonly(self.path)) as store:
            judged = self._judged(store)
            ledger = [*islice(store.ledger.read(query), SHOWN)]
            retired = store.contenders.retired()
            contenders = [(each, each.id in retired) for each in store.contenders.all()]
            barred = store.vote_audit.barred_visitors()
        return judged | {
            "barred": barred,
            "ledger": [(vote, explain(vote.reason)) for vote in ledger],
            "contenders": contenders,
        }

    def _judged(self, store: Store) -> dict[str, object]:
        """What comes of judging all votes, which is kept until something is written: who only
        looks for other votes need not wait for it again."""
        state = [_written(name) for name in (self.path, f"{self.path}-wal")]
        if self._kept[0] == state:
            return self._kept[1]
        result = recompute(store.vote_audit.read("own"), self.limits)
        votes = result.votes
        why = Counter(code for each in votes.reason[~votes.counted] for code in each.split(", "))
        judged = {
            "votes": len(votes.counted),
            "counted": int(votes.counted.sum()),
            "out": int(result.out.sum()),
            "back": int(result.back.sum()),
            "changes": int(result.changed.sum()),
            "rules": result.results.rules,
            "suspects": result.suspects(),
            "reasons": [(explain(code), n) for code, n in why.most_common()],
        }
        self._kept = state, judged
        return judged

    def bar(self, visitor: str, barred: bool) -> bool:
        """Bar a visitor, or lift that, for votes from now on. False where nobody has that id."""
        with closing(Store.open(self.path)) as store:
            return store.vote_audit.bar(visitor, barred)

    def store(self) -> int:
        """Store the review; the number of votes that it changed."""
        with closing(Store.open(self.path)) as store:
            result = recompute(store.vote_audit.read("own"), self.limits)
            return sum(store.vote_audit.apply(result.votes, result.results, result.changed))

    def retire(self, contender: str, retired: bool) -> Contender | None:
        """Retire a contender by its id, or lift that. None where there is none."""
        with closing(Store.open(self.path)) as store:
            for found in store.contenders.find(contender):
                store.contenders.retire(found.id, retired)
                return found
        return None

    def rename(self, contender: str, name: str) -> str:
        """Give a contender (id) another name; why that cannot be, or nothing."""
        if problem := name_problem(name):
            return problem
        with closing(Store.open(self.path)) as store:
            for found in store.contenders.find(contender):
                store.contenders.rename(found.id, name)
                return ""
        return f"there is no contender {contender}"

    def feedback(self, contender: str) -> str:
        """What visitors said of a contender (id), without words and visitors, as CSV."""
        with closing(Store.open_readonly(self.path)) as store:
            lines = csv_lines(COLUMNS, store.feedback.read(contender))
            return "".join([BYTE_ORDER_MARK, *lines])


def _written(path: str) -> tuple[int, int] | None:
    """When a file was written last, and its size; SQLite writes the database or its log at every
    commit. None where there is no such file."""
    try:
        state = os.stat(path)
    except FileNotFoundError:
        return None
    return state.st_mtime_ns, state.st_size
