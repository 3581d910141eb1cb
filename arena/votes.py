"""Votes in the database: what was known of each when it was cast, and whether it counts by that."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from arena.evidence import Asked, Evidence, Shown, Today, listed, shown
from arena.group import Group, Take, Task
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


@dataclass(frozen=True, slots=True)
class Slip:
    """A vote that wants to be cast."""

    battle: str
    visitor: str
    choice: Choice


class Votes(Evidence):
    """One vote a battle, judged by `limits` in the transaction that stores it; none is deleted.

    Votes that wait are cast in rounds: one query reads what is known of all their battles, one
    transaction stores them. Each still sees those before it. Most that come too late or too early
    are refused before the round, beside whoever writes.
    """

    limits: Limits = USUAL

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self._box = Group(self._cast, self._sift)

    def vote(self, battle_id: str, visitor: str, choice: str) -> Reveal:
        """Store the vote and, only then, tell the names. Raises Refused; then nothing is told."""
        if choice not in CHOICES:
            raise Refused("A vote is for the left, for the right, a tie, or both bad.")
        slip = Slip(battle_id, visitor, choice)
        if self._writer != threading.get_ident():
            return self._box.run(slip)
        alone = Task(slip)  # within a transaction of this thread: nobody else could lead
        self._cast(lambda: [alone])
        return alone.outcome()

    def _sift(self, tasks: Sequence[Task]) -> None:
        """Refuse what can be refused by what was committed so far; that waits for nobody."""
        rows = self._glance(
            "SELECT id, visitor, status FROM battles WHERE id IN (SELECT value FROM json_each(?))",
            (listed(task.work.battle for task in tasks),),
        )
        known = {id: state for id, *state in rows}
        for task in tasks:
            why = why_not(task.work.visitor, *known.get(task.work.battle, (None, "")))
            task.error = Refused(why) if why else None

    def _cast(self, take: Take) -> None:
        """Store the votes of a round with their evidence and verdicts, in one transaction.

        Each task is given its Reveal or its Refused.
        """
        with self.writing():
            waiting = self._castable(take())
            if not waiting:
                return
            asked = {id: battle for id, (_, battle) in waiting.items()}
            replies = self._replies(asked)
            names = self._contenders({n for b in asked.values() for n in b.contenders})
            now, rows = self.clock(), []
            today = self._today(asked.values(), now, self.limits.by_address)
            for id, (task, battle) in waiting.items():
                try:
                    seen = shown(replies[id])
                except ValueError as error:
                    task.error = StoreError(f"{self.path}: battle {id}: {error}: restore a backup")
                    continue
                row = self._judged(task.work, battle, seen, today, now)
                left, right = (names[one] for one in battle.contenders)
                task.result = Reveal(left, right, row["choice"], row["counted"], row["reason"])
                rows.append(row)
            self._keep(rows)

    def _castable(self, round: Sequence[Task]) -> dict[str, tuple[Task, Asked]]:
        """The votes that can be cast, one a battle; the other tasks are given their Refused."""
        battles = self._asked({task.work.battle for task in round})
        waiting: dict[str, tuple[Task, Asked]] = {}
        for task in round:
            id, asked = task.work.battle, battles.get(task.work.battle)
            why = why_not(task.work.visitor, asked and asked.visitor, asked and asked.status)
            if why is None and id in waiting:
                why = WHY_NOT["voted"]
            if why is None:
                waiting[id] = (task, asked)
            else:
                task.error = Refused(why)
        return waiting

    def _judged(
        self, slip: Slip, asked: Asked, shown: Shown, today: Today, now: float
    ) -> dict[str, Any]:
        """The vote's row; from now on it is one of today's."""
        known = {"waited": _since(asked.ready, now), "watched": _since(shown.began, now)}
        cast = Cast(
            **known,
            **today.before(asked),
            shorter=shown.columns["shorter"],
            leaked=asked.leaked,
            barred=asked.barred,
        )
        verdict = decide(cast, self.limits)
        today.add(asked)
        return {
            "battle": slip.battle,
            "choice": slip.choice,
            "created": now,
            "counted": verdict.counted,
            "reason": verdict.reason,
            "rules": verdict.rules,
            "address": asked.address,
            **known,
            **shown.columns,
        }

    def _keep(self, rows: Sequence[dict[str, Any]]) -> None:
        """Store the rows, within a transaction; their battles are over."""
        if not rows:
            return
        every = self._connection.executemany
        every(
            f"INSERT INTO votes ({', '.join(rows[0])}) VALUES ({', '.join('?' * len(rows[0]))})",
            [tuple(row.values()) for row in rows],
        )
        every("UPDATE battles SET status = 'voted' WHERE id = ?", [(r["battle"],) for r in rows])

    def _reveal(self, battle_id: str) -> Reveal:
        """The names of a battle that has its vote, and what that vote says."""
        left, right, choice, counted, reason = self._row(
            'SELECT b."left", b."right", v.choice, v.counted, v.reason'
            " FROM votes v JOIN battles b ON b.id = v.battle WHERE v.battle = ?",
            (battle_id,),
        )
        names = self._contenders((left, right))
        return Reveal(names[left], names[right], choice, bool(counted), reason)


def check_own(owner: str | None, visitor: str) -> None:
    """Raise Refused where a battle is not there (its owner is None), or another's."""
    if why := why_not(visitor, owner, "ready"):
        raise Refused(why)


def why_not(visitor: str, owner: str | None, status: str) -> str | None:
    """Why a battle does not wait for this visitor's vote; None where it does.

    A sentence, not an exception: most of them are found for other threads to raise.
    """
    if owner is None:
        return "There is no such battle: start a new one."
    if owner != visitor:
        return "This battle belongs to another visitor: start your own."
    return WHY_NOT[status] or None


def _since(start: float | None, now: float) -> float | None:
    """Seconds; None where they are not known, as where the clock was set back meanwhile."""
    return None if start is None or now < start else now - start
