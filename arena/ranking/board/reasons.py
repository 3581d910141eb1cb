"""Why visitors voted so: the share of each reason that was given about a contender."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.models import ReasonKind


@dataclass(frozen=True, slots=True)
class ReasonShare:
    """One reason about a contender: in how many votes it was given, and its share of all reasons
    about that contender. kind: "good", or "bad" for what was wrong."""

    kind: ReasonKind
    reason: str
    votes: int
    share: float


@dataclass(frozen=True, slots=True)
class ReasonShares:
    """All reasons that were given about a contender, in votes that count; the most frequent first.

    total: how many were given. visitors: how many people gave them.
    """

    total: int
    visitors: int
    shares: tuple[ReasonShare, ...]


def reason_shares(
    counts: Iterable[tuple[str, ReasonKind, str, int]], visitors: Mapping[str, int], least: int
) -> dict[str, ReasonShares]:
    """By contender, of rows (contender, kind, reason, votes).

    visitors: how many people gave reasons about each. Where fewer than `least` did nothing is told:
    a share must not say what one person said.
    """
    given = defaultdict(list)
    for contender, kind, reason, votes in counts:
        if votes > 0 and visitors.get(contender, 0) >= least:
            given[contender].append((kind, reason, votes))
    shares = {}
    for contender, rows in given.items():
        total = sum(votes for *_, votes in rows)
        rows.sort(key=lambda row: (-row[2], row[0] == "bad", row[1]))
        shares[contender] = ReasonShares(
            total, visitors[contender], tuple(ReasonShare(*row, row[2] / total) for row in rows)
        )
    return shares


def reason_record(reasons: ReasonShares | None) -> dict[str, object] | None:
    """The same for programs; None where nothing is told."""
    if reasons is None:
        return None
    kinds: tuple[ReasonKind, ReasonKind] = ("good", "bad")
    return {"given": reasons.total, "visitors": reasons.visitors} | {
        kind: {each.reason: round(each.share, 4) for each in reasons.shares if each.kind == kind}
        for kind in kinds
    }
