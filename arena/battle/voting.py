"""The vote: judged by the rules and stored in one transaction, and only then the names."""

from typing import get_args

from arena.db.repositories.battles import check_battle
from arena.db.store import Store
from arena.models import Choice, Refused, Reveal, StoreError
from arena.votes.evidence import reply_stats
from arena.votes.rules import Cast, decide

CHOICES = frozenset(get_args(Choice))


def cast_vote(store: Store, battle: str, visitor: str, choice: str) -> Reveal:
    """Store the vote and, only then, tell the names. Raises Refused; then nothing is told."""
    if choice not in CHOICES:
        raise Refused("A vote is for the left, for the right, a tie, or both bad.")
    with store.database.transaction():
        pending = store.votes.pending(battle)
        check_battle(visitor, pending and pending.visitor, pending and pending.status)
        try:
            stats = reply_stats(store.votes.replies(pending))
        except ValueError as error:
            path = store.database.path
            raise StoreError(f"{path}: battle {battle}: {error}: restore a backup") from error
        now = store.database.clock()
        times = {"waited": _since(pending.ready, now), "watched": _since(stats.began, now)}
        verdict = decide(
            Cast(
                **times,
                **store.votes.counts_today(pending, now, store.limits.by_address),
                shorter=stats.columns["shorter"],
                leaked=pending.leaked,
                barred=pending.barred,
            ),
            store.limits,
        )
        row = {
            "created": now,
            "counted": verdict.counted,
            "reason": verdict.reason,
            "rules": verdict.rules,
            "address": pending.address,
            **times,
            **stats.columns,
        }
        store.votes.add(battle, choice, row)
    return Reveal(*pending.contenders, choice, verdict.counted, verdict.reason)


def _since(start: float | None, now: float) -> float | None:
    """Seconds; None where they are not known, as where the clock was set back meanwhile."""
    return None if start is None or now < start else now - start
