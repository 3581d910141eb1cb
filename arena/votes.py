"""Votes in the database: what was known of each when it was cast, and whether it counts by that."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from arena.integrity import DAY, USUAL, Cast, Limits, decide
from arena.records import Choice, Contender, Refused, Reveal
from arena.style import MARKS
from arena.visits import Visits

WHY_NOT = {
    "created": "There is nothing to judge yet: send a message first.",
    "streaming": "Both replies are not finished yet: wait until they are.",
    "ready": "",
    "voted": "This battle has its vote already: start a new one.",
    "void": "This battle was left without a vote: start a new one.",
}

OPEN = 7 * DAY
"""Seconds for which a battle may stay open and its vote still be counted among those of its day:
who has voted for years must not be read from the beginning at every vote."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A battle whose vote is being cast. It tells the contenders: it is not for the page."""

    visitor: str
    status: str
    ready: float | None
    leaked: bool
    prompt_hash: str | None
    sides: tuple[str | None, str | None]
    barred: bool
    address: str | None


class Votes(Visits):
    """One vote a battle, judged by `limits` in the transaction that stores it; none is deleted."""

    limits: Limits = USUAL

    def vote(self, battle_id: str, visitor: str, choice: str) -> Reveal:
        """Store the vote and, only then, tell the names. Raises Refused; then nothing is told."""
        if choice not in get_args(Choice):
            raise Refused("A vote is for the left, for the right, a tie, or both bad.")
        # Most votes that come too late or too early are seen here, and wait for no turn to write.
        self._ready(battle_id, visitor, self._glance)
        return self.together(lambda: self._cast(battle_id, visitor, choice))

    def _cast(self, battle_id: str, visitor: str, choice: str) -> Reveal:
        """The vote's row with its evidence and verdict; what to tell once that is committed.

        Raises Refused.
        """
        now, battle = self.clock(), self._ready(battle_id, visitor, self._row)
        shown = _shown(self._replies(battle.sides), battle.sides)
        before = self._before(battle, now)
        known = {
            "waited": _since(battle.ready, now),
            "watched": _since(shown.pop("began"), now),
            "shorter": shown["shorter"],
        }
        verdict = decide(
            Cast(**known, **before, leaked=battle.leaked, barred=battle.barred), self.limits
        )
        row = {
            "battle": battle_id,
            "choice": choice,
            "created": now,
            "counted": verdict.counted,
            "reason": verdict.reason,
            "rules": verdict.rules,
            "address": battle.address,
        }
        row |= shown | known
        new = self._write(
            f"INSERT INTO votes ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
            " ON CONFLICT (battle) DO NOTHING",
            tuple(row.values()),
        )
        if not new:
            raise Refused(WHY_NOT["voted"])
        self._write("UPDATE battles SET status = 'voted' WHERE id = ?", (battle_id,))
        return self._reveal(battle_id)

    def _ready(
        self, battle_id: str, visitor: str, row: Callable[[str, tuple], tuple | None]
    ) -> Asked:
        """A battle of the visitor's that waits for its vote, by `row`. Raises Refused."""
        found = row(
            "SELECT b.visitor, b.status, b.ready, b.leaked, b.prompt_hash, b.left_conversation,"
            " b.right_conversation, p.barred, p.address_hash FROM battles b"
            " JOIN visitors p ON p.id = b.visitor WHERE b.id = ?",
            (battle_id,),
        )
        check_own(found and found[0], visitor)
        battle = Asked(*found[:5], (found[5], found[6]), *found[7:])
        if battle.status != "ready":
            raise Refused(WHY_NOT[battle.status])
        return battle

    def _before(self, battle: Asked, now: float) -> dict[str, int | None]:
        """How many votes came before this one on its day; None where nobody knows."""
        today = now - now % DAY
        by_visitor, same_prompt = self._row(
            "SELECT count(*), coalesce(sum(b.prompt_hash = ?), 0) FROM battles b"
            " JOIN votes v ON v.battle = b.id WHERE b.visitor = ? AND b.created >= ?"
            " AND b.status = 'voted' AND v.created >= ?",
            (battle.prompt_hash, battle.visitor, today - OPEN, today),
        )
        by_address = None
        if battle.address is not None:
            (by_address,) = self._row(
                "SELECT count(*) FROM (SELECT 1 FROM votes WHERE address = ? AND created >= ?"
                " LIMIT ?)",
                (battle.address, today, self.limits.by_address),
            )
        return {
            "by_visitor": by_visitor,
            "by_address": by_address,
            "same_prompt": None if battle.prompt_hash is None else same_prompt,
        }

    def _replies(self, sides: tuple[str | None, str | None]) -> list[tuple]:
        """(conversation, when its first token came, features) of what was shown, in its order."""
        return self._read(
            "SELECT conversation, closed - seconds + ttft_s, features FROM turns"
            " WHERE conversation IN (?, ?) AND finished AND NOT undone ORDER BY position, id",
            sides,
        )

    def _reveal(self, battle_id: str) -> Reveal:
        """The names of a battle that has its vote, and what that vote says."""
        row = self._row(
            "SELECT l.id, l.name, l.config, r.id, r.name, r.config, v.choice, v.counted, v.reason"
            " FROM votes v JOIN battles b ON b.id = v.battle"
            ' JOIN contenders l ON l.id = b."left" JOIN contenders r ON r.id = b."right"'
            " WHERE v.battle = ?",
            (battle_id,),
        )
        left, right = (
            Contender(id, name, json.loads(config)) for id, name, config in (row[:3], row[3:6])
        )
        return Reveal(left, right, row[6], bool(row[7]), row[8])


def check_own(owner: str | None, visitor: str) -> None:
    """Raise Refused where a battle is not there (its owner is None), or another's."""
    if owner is None:
        raise Refused("There is no such battle: start a new one.")
    if owner != visitor:
        raise Refused("This battle belongs to another visitor: start your own.")


def _shown(replies: list[tuple], sides: tuple[str | None, str | None]) -> dict[str, float | None]:
    """What was to be seen, in the columns of the votes, and `began`: the last pair's first token.

    None throughout where a side has no reply on record.
    """
    texts = [[json.loads(text) for side, _, text in replies if side == one] for one in sides]
    starts = [[start for side, start, _ in replies if side == one] for one in sides]
    columns = [f"{name}_{mark}" for name in ("left", "right") for mark in MARKS]
    if not all(texts):
        return dict.fromkeys(("began", "shorter", "prompt_characters", *columns))
    totals = [
        sum(text["reply_characters" if mark == "characters" else mark] for text in side)
        for side in texts
        for mark in MARKS
    ]
    last = [start[-1] for start in starts]
    return {
        "began": None if None in last else min(last),
        "shorter": min(side[-1]["reply_characters"] for side in texts),
        "prompt_characters": texts[0][0]["prompt_characters"],
        **dict(zip(columns, totals, strict=True)),
    }


def _since(start: float | None, now: float) -> float | None:
    """Seconds; None where they are not known, as where the clock was set back meanwhile."""
    return None if start is None or now < start else now - start
