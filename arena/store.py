"""Every read and write of the arena's database: contenders, battles, votes and their tally."""

import json
from typing import get_args

from arena.archive import Archive
from arena.features import language, prompt_hash
from arena.log import Log
from arena.plural import many
from arena.records import (
    ELSEWHERE,
    Battle,
    BattleState,
    Contender,
    Refused,
    Reveal,
    Source,
    Status,
    StoreError,
    Tally,
)
from arena.resume import STALLED, Resume
from arena.usage import Usage
from arena.votes import WHY_NOT, check
from blend.conversation import Conversation

__all__ = [
    "Battle",
    "BattleState",
    "Contender",
    "Refused",
    "Reveal",
    "Store",
    "StoreError",
    "Tally",
]


class Store(Resume, Usage, Log, Archive):
    """The arena's memory. Every method may be called from any thread; async code uses a thread.

    Each raises StoreError where the file cannot be read or written, and then nothing was stored.
    """

    def contender(self, id: str, name: str, config: dict) -> None:
        """Note a contender; the same id again renames it, its votes stay."""
        self._write(
            "INSERT INTO contenders (id, name, config) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, config = excluded.config",
            (id, name, json.dumps(config, sort_keys=True)),
        )

    def contenders(self) -> list[Contender]:
        """All that were ever noted, by name."""
        rows = self._read("SELECT id, name, config FROM contenders ORDER BY name, id")
        return [Contender(id, name, json.loads(config)) for id, name, config in rows]

    def open_battle(self, battle: Battle) -> None:
        """The rows of the battle and of its two conversations, before any token."""
        with self.writing():
            for contender, conversation in (
                (battle.left, battle.left_conversation),
                (battle.right, battle.right_conversation),
            ):
                if conversation is not None:
                    empty = Conversation(id=conversation)
                    self.open_conversation(empty, battle.visitor, contender, "battle")
            self._write(
                'INSERT INTO battles (id, visitor, "left", "right", left_conversation,'
                " right_conversation, pair_chance, policy, source, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    battle.id,
                    battle.visitor,
                    battle.left,
                    battle.right,
                    battle.left_conversation,
                    battle.right_conversation,
                    battle.pair_chance,
                    battle.policy,
                    battle.source,
                    battle.created,
                ),
            )

    def battle(self, battle_id: str) -> BattleState | None:
        """What may be known of a battle at any time, None where there is no such one."""
        row = self._row(
            "SELECT id, visitor, status, turns, left_conversation, right_conversation, void_reason"
            " FROM battles WHERE id = ?",
            (battle_id,),
        )
        return BattleState(*row) if row else None

    def start_turn(
        self, battle_id: str, visitor: str, prompt: str, most_turns: int, seen: int | None = None
    ) -> None:
        """Let one more message into the battle: created or ready → streaming.

        seen: how many messages the page shows. Raises Refused where there were others since, where
        it is another's, running, over, or has had its `most_turns` messages.
        """
        with self.writing():
            battle = self._own(battle_id, visitor)
            if battle.status not in ("created", "ready"):
                raise Refused(WHY_NOT[battle.status])
            if seen not in (None, battle.turns):
                raise Refused(ELSEWHERE)
            if battle.turns >= most_turns:
                said = many(most_turns, "message")
                raise Refused(f"This battle has had its {said}: vote now.")
            self._write(
                "UPDATE battles SET status = 'streaming', turns = turns + 1, prompt_hash ="
                " coalesce(prompt_hash, ?), language = coalesce(language, ?) WHERE id = ?",
                (prompt_hash(prompt), language(prompt), battle_id),
            )

    def ready(self, battle_id: str) -> None:
        """Both replies are complete: streaming → ready. Raises Refused in any other state."""
        done = self._write(
            "UPDATE battles SET status = 'ready', ready = ? WHERE id = ? AND status = 'streaming'",
            (self.clock(), battle_id),
        )
        if not done:
            raise Refused("This battle is not running any more: start a new one.")

    def void(self, battle_id: str, visitor: str, reason: str) -> None:
        """Leave the battle without a vote. Raises Refused after a vote.

        The first reason stays; but a skip is more than the stall that it comes with, or after.
        """
        with self.writing():
            if self._own(battle_id, visitor).status == "voted":
                raise Refused(WHY_NOT["voted"])
            self._write(
                "UPDATE battles SET status = 'void',"
                " void_reason = coalesce(nullif(void_reason, ?), ?) WHERE id = ?",
                (STALLED, reason, battle_id),
            )

    def tally(self, source: Source | None = None) -> Tally:
        """Votes by pair and outcome; those of one source, or of all. From counts that are kept."""
        of, values = ("source = ?", (source,)) if source else ("true", ())
        rows = self._glance(
            'SELECT "left", "right", choice, counted, sum(votes) FROM vote_counts'
            f" WHERE {of} AND votes > 0 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            values,
        )
        void = self._glance(
            f"SELECT coalesce(sum(battles), 0) FROM battle_counts WHERE {of} AND status = 'void'",
            values,
        )
        outcomes = tuple((left, right, choice, n) for left, right, choice, yes, n in rows if yes)
        counted = sum(n for *_, n in outcomes)
        return Tally(outcomes, counted, sum(row[4] for row in rows), void[0][0])

    def version(self) -> tuple[int, int, float]:
        """Changes whenever a vote lands, stops or begins to count; cheap at any size."""
        return self._glance(
            "SELECT (SELECT coalesce(max(rowid), 0) FROM votes), count(*), total(rowid)"
            " FROM votes WHERE counted = 0"
        )[0]

    def battles(self) -> dict[str, int]:
        """How many of our own battles are in each state; from counts that are kept."""
        rows = self._glance("SELECT status, battles FROM battle_counts WHERE source = 'own'")
        return dict.fromkeys(get_args(Status), 0) | dict(rows)

    def votes_counted(self) -> dict[str, int]:
        """How many of our own votes count, "yes", and do not, "no"; from counts that are kept."""
        rows = self._glance(
            "SELECT iif(counted, 'yes', 'no'), sum(votes) FROM vote_counts"
            " WHERE source = 'own' GROUP BY 1"
        )
        return {"yes": 0, "no": 0} | dict(rows)

    def _own(self, battle_id: str, visitor: str) -> BattleState:
        battle = self.battle(battle_id)
        check(visitor, battle and battle.visitor)
        return battle
