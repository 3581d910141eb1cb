"""Votes in the database: what was known of each when it was cast, and whether it counts by that."""

from typing import Any, get_args

from arena.evidence import Asked, Evidence, Shown, shown
from arena.integrity import USUAL, Cast, Limits, decide
from arena.records import Choice, Refused, Reveal, StoreError

WHY_NOT = {
    "created": "There is nothing to judge yet: send a message first.",
    "streaming": "Both replies are not finished yet: wait until they are.",
    "ready": "",
    "voted": "This battle has its vote already: start a new one.",
    "void": "This battle was left without a vote: start a new one.",
}

CHOICES = frozenset(get_args(Choice))


class Votes(Evidence):
    """One vote a battle, judged by `limits` in the transaction that stores it; none is deleted."""

    limits: Limits = USUAL

    def vote(self, battle_id: str, visitor: str, choice: str) -> Reveal:
        """Store the vote and, only then, tell the names. Raises Refused; then nothing is told."""
        if choice not in CHOICES:
            raise Refused("A vote is for the left, for the right, a tie, or both bad.")
        with self.writing():
            asked = self._asked(battle_id)
            check(visitor, asked and asked.visitor, asked and asked.status)
            try:
                seen = shown(self._replies(asked))
            except ValueError as error:
                raise StoreError(
                    f"{self.path}: battle {battle_id}: {error}: restore a backup"
                ) from error
            row = self._judged(asked, seen, self.clock())
            self._write(
                f"INSERT INTO votes (battle, choice, {', '.join(row)})"
                f" VALUES (?, ?{', ?' * len(row)})",
                (battle_id, choice, *row.values()),
            )
            self._write("UPDATE battles SET status = 'voted' WHERE id = ?", (battle_id,))
        return Reveal(*asked.contenders, choice, row["counted"], row["reason"])

    def _judged(self, asked: Asked, shown: Shown, now: float) -> dict[str, Any]:
        """The vote's row but for the battle and the choice."""
        known = {"waited": _since(asked.ready, now), "watched": _since(shown.began, now)}
        cast = Cast(
            **known,
            **self._today(asked, now, self.limits.by_address),
            shorter=shown.columns["shorter"],
            leaked=asked.leaked,
            barred=asked.barred,
        )
        verdict = decide(cast, self.limits)
        return {
            "created": now,
            "counted": verdict.counted,
            "reason": verdict.reason,
            "rules": verdict.rules,
            "address": asked.address,
            **known,
            **shown.columns,
        }

    def _reveal(self, battle_id: str) -> Reveal:
        """The names of a battle that has its vote, and what that vote says."""
        asked = self._asked(battle_id)
        choice, counted, reason = self._row(
            "SELECT choice, counted, reason FROM votes WHERE battle = ?", (battle_id,)
        )
        return Reveal(*asked.contenders, choice, bool(counted), reason)


def check(visitor: str, owner: str | None, status: str | None = "ready") -> None:
    """Raise Refused where a battle does not wait for this visitor's vote.

    owner: None where there is no such battle.
    """
    if owner is None:
        raise Refused("There is no such battle: start a new one.")
    if owner != visitor:
        raise Refused("This battle belongs to another visitor: start your own.")
    if why := WHY_NOT[status]:
        raise Refused(why)


def _since(start: float | None, now: float) -> float | None:
    """Seconds; None where they are not known, as where the clock was set back meanwhile."""
    return None if start is None or now < start else now - start
