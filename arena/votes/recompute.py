"""All votes under the rules of today: the same decisions as when they were cast, in one pass.

A million votes take a second or two. What only all votes of a visitor can show is added here.
"""

from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.votes.anomalies import LEVEL, benjamini_hochberg, one_sided, surprising
from arena.votes.rules import DAY, DEFAULT_LIMITS, ONE_SIDED, RULES, Limits, VoteEvidence


@dataclass(frozen=True, slots=True, eq=False)
class EvidenceTable:
    """What was noted with n votes, one column each, in any order.

    created: seconds since 1970. visitor, address, prompt: codes of who voted, from which network
    address, on which first message; -1: not known. For the others see `VoteEvidence`.
    """

    created: np.ndarray
    visitor: np.ndarray
    address: np.ndarray
    prompt: np.ndarray
    waited: np.ndarray
    watched: np.ndarray
    shorter: np.ndarray
    leaked: np.ndarray
    barred: np.ndarray

    def casts(self) -> VoteEvidence:
        """What was known of each vote when it was cast, counted over the votes before it."""
        people = np.int64(self.visitor.max(initial=-1)) + 1
        known = (self.visitor >= 0) & (self.prompt >= 0)
        both = np.where(known, self.prompt * people + self.visitor, -1)
        return VoteEvidence(
            waited=self.waited,
            watched=self.watched,
            shorter=self.shorter,
            by_visitor=_before(self.visitor, self.created),
            by_address=_before(self.address, self.created),
            same_prompt=_before(both, self.created),
            leaked=self.leaked,
            barred=self.barred,
        )


@dataclass(frozen=True, slots=True, eq=False)
class RuleResults:
    """What the rules say of n votes. `broken` (n,) has one bit for each of CODES."""

    broken: np.ndarray
    rules: str

    @property
    def counted(self) -> np.ndarray:
        """(n,) whether each vote counts."""
        return self.broken == 0

    def reasons(self) -> np.ndarray:
        """(n,) codes joined by ", ", as in `Verdict.reason`; empty for votes that count."""
        kinds, which = np.unique(self.broken, return_inverse=True)
        said = [", ".join(c for bit, c in enumerate(CODES) if kind >> bit & 1) for kind in kinds]
        return np.array(said, dtype=object)[which] if said else np.array([], dtype=object)

    def tally(self) -> dict[str, int]:
        """How many votes break each rule; a vote may break several."""
        return {code: int((self.broken >> bit & 1).sum()) for bit, code in enumerate(CODES)}


CODES = (*RULES, ONE_SIDED)


def apply_rules(
    record: EvidenceTable, one_sided: np.ndarray, limits: Limits = DEFAULT_LIMITS
) -> RuleResults:
    """Every vote judged anew. one_sided: (n,) whether its visitor is (`arena.votes.anomalies`)."""
    cast = record.casts()
    tests = [np.asarray(is_broken(cast, limits), bool) for is_broken in RULES.values()]
    broken = sum(test.astype(np.int32) << bit for bit, test in enumerate([*tests, one_sided]))
    return RuleResults(broken, limits.version)


@dataclass(frozen=True, slots=True, eq=False)
class AuditTable:
    """n votes as they stand, by rowid. visitors: ids by the codes of `record.visitor`.

    reason, rules: (n,) texts. ballots: the same votes, in the order of their time.
    """

    rowid: np.ndarray
    record: EvidenceTable
    counted: np.ndarray
    reason: np.ndarray
    rules: np.ndarray
    visitors: tuple[str, ...]
    ballots: Ballots


@dataclass(frozen=True, slots=True, eq=False)
class Recomputation:
    """All votes under the rules again. p_side, p_surprise: (v,) p-values of each visitor.

    The second is Chatbot Arena's rule, combined by Fisher. It is reported beside the others and
    takes no vote away, because it overlooks whoever always votes left.
    """

    votes: AuditTable
    results: RuleResults
    p_side: np.ndarray
    p_surprise: np.ndarray

    @property
    def changed(self) -> np.ndarray:
        """(n,) whether the vote's row would be another one."""
        new, old = self.results, self.votes
        same = (new.counted == old.counted) & (new.rules == old.rules)
        return ~(same & (new.reasons() == old.reason))

    @property
    def out(self) -> np.ndarray:
        """(n,) votes that count and would not."""
        return self.votes.counted & ~self.results.counted

    @property
    def back(self) -> np.ndarray:
        """(n,) votes that do not count and would."""
        return ~self.votes.counted & self.results.counted

    @property
    def surprising(self) -> np.ndarray:
        """(v,) visitors that Chatbot Arena's rule flags."""
        return benjamini_hochberg(self.p_surprise)

    def suspects(self) -> list[tuple[str, int, float, float]]:
        """Visitors that either test flags: id, votes, and the two p-values; the surest first."""
        votes = np.bincount(self.votes.record.visitor, minlength=len(self.p_side))
        picked = np.flatnonzero((self.p_side < LEVEL) | self.surprising)
        picked = picked[np.argsort(np.minimum(self.p_side, self.p_surprise)[picked])]
        columns = (each[picked].tolist() for each in (votes, self.p_side, self.p_surprise))
        visitors = [self.votes.visitors[i] for i in picked.tolist()]
        return [*zip(visitors, *columns, strict=True)]


def recompute(votes: AuditTable, limits: Limits = DEFAULT_LIMITS) -> Recomputation:
    """Judge all votes anew; nothing is written."""
    p_side, p_surprise = one_sided(votes.ballots), surprising(votes.ballots)
    verdict = apply_rules(votes.record, (p_side < LEVEL)[votes.record.visitor], limits)
    return Recomputation(votes, verdict, p_side, p_surprise)


def _before(group: np.ndarray, created: np.ndarray) -> np.ndarray:
    """(n,) how many votes of the same group came earlier on the same day; NaN for group -1.

    Of votes at the same instant the one that is stored first is the earlier one.
    """
    if not len(group):
        return np.zeros(0)
    day = np.floor(created / DAY).astype(np.int64)
    day -= day.min()
    key = group.astype(np.int64) * (day.max() + 1) + day
    order = np.lexsort((created, key))
    first = np.flatnonzero(np.diff(key[order], prepend=key[order[0]] - 1))
    size = np.diff(np.append(first, len(order)))
    rank = np.empty(len(order))
    rank[order] = np.arange(len(order)) - np.repeat(first, size)
    rank[group < 0] = np.nan
    return rank
