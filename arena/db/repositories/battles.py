"""Battles: opened blind or named, one message after the other, until a vote or void."""

from dataclasses import asdict, dataclass
from typing import get_args

from arena.categories.tagger import Tagger
from arena.db.database import Database
from arena.db.repositories.categories import OURS, Categories
from arena.db.repositories.votes.publication import Publication
from arena.db.turn_features import language, prompt_hash
from arena.models import INCOMPLETE, NAMED, Battle, BattleState, Refused, Status

WHY_NOT = {
    "created": "refusals.nothing_to_judge",
    "streaming": "refusals.unfinished",
    "ready": "",
    "voted": "refusals.voted",
    "void": "refusals.void",
}


@dataclass(frozen=True, slots=True)
class LatestBattle:
    """A visitor's latest battle. It is not for the page: it tells the contenders' ids.

    Each pair is left, right. retry: whether those who did not finish may be asked once more.
    voted: when the vote came, seconds since 1970. dismissed: whether it was left for a new one.
    named: whether the visitor chose the contenders, and sees their names.
    """

    id: str
    status: Status
    contenders: tuple[str, str]
    conversations: tuple[str | None, str | None]
    turns: int
    leaked: bool
    retry: bool
    void_reason: str | None
    voted: float | None
    dismissed: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Battles:
    """Each status follows from another one: created → streaming → ready → voted, or void."""

    db: Database

    def open(self, battle: Battle, publishable: bool = False) -> None:
        """The rows of the battle and of its two conversations, before any token.

        publishable: as for `Conversations.open`.
        """
        system, now = "" if self.db.keep_texts else None, self.db.clock()
        sides = {battle.left_conversation: battle.left, battle.right_conversation: battle.right}
        row = asdict(battle)
        with self.db.transaction():
            may = int(publishable and not Publication(self.db).is_private(battle.visitor))
            columns = ("id", "visitor", "contender", "kind", "system", "created", "publishable")
            opened = [
                (id, battle.visitor, contender, "battle", system, now, may)
                for id, contender in sides.items()
                if id
            ]
            self.db.insert("conversations", columns, opened)
            self.db.insert("battles", row, [tuple(row.values())])

    def state(self, id: str) -> BattleState | None:
        """What may be known of a battle at any time, None where there is no such one."""
        row = self.db.query_one(
            "SELECT id, visitor, status, turns, left_conversation, right_conversation, void_reason"
            " FROM battles WHERE id = ?",
            (id,),
        )
        return BattleState(*row) if row else None

    def admit_message(
        self,
        id: str,
        visitor: str,
        prompt: str,
        most_turns: int,
        seen: int | None = None,
        tagger: Tagger = OURS,
    ) -> None:
        """Let one more message into the battle: created or ready → streaming.

        seen: how many messages the page shows. tagger: what tells the categories of a first
        message; they are stored where texts are not, too: no word is in them. Raises Refused where
        there were others since, where it is another's, running, over, or has had its `most_turns`
        messages.
        """
        with self.db.transaction():
            battle = self._owned(id, visitor)
            if battle.status not in ("created", "ready"):
                raise Refused(WHY_NOT[battle.status])
            if seen not in (None, battle.turns):
                raise Refused("refusals.elsewhere")
            if battle.turns >= most_turns:
                raise Refused("refusals.full", n=most_turns)
            self.db.execute(
                "UPDATE battles SET status = 'streaming', turns = turns + 1, prompt_hash ="
                " coalesce(prompt_hash, ?), language = coalesce(language, ?) WHERE id = ?",
                (prompt_hash(prompt), language(prompt), id),
            )
            if not battle.turns:
                Categories(self.db).tag([(id, prompt)], tagger)

    def mark_ready(self, id: str) -> None:
        """Both replies are complete: streaming → ready. Raises Refused in any other state."""
        done = self.db.execute(
            "UPDATE battles SET status = 'ready', ready = ? WHERE id = ? AND status = 'streaming'",
            (self.db.clock(), id),
        )
        if not done:
            raise Refused("refusals.not_running")

    def mark_leaked(self, id: str) -> None:
        """Note that a reply told who wrote it; this is never taken back."""
        self.db.execute("UPDATE battles SET leaked = 1 WHERE id = ?", (id,))

    def void(self, id: str, visitor: str, reason: str) -> None:
        """Leave the battle without a vote. Raises Refused after a vote.

        The first reason stays; but a skip is more than the stall that it comes with, or after.
        """
        with self.db.transaction():
            if self._owned(id, visitor).status == "voted":
                raise Refused(WHY_NOT["voted"])
            self.db.execute(
                "UPDATE battles SET status = 'void',"
                " void_reason = coalesce(nullif(void_reason, ?), ?) WHERE id = ?",
                (INCOMPLETE, reason, id),
            )

    def retry(self, id: str, visitor: str, turns: int) -> None:
        """Void, because a side did not finish → streaming; once for each message.

        turns: how many messages the page has seen. Raises Refused where anything is otherwise.
        """
        done = self.db.execute(
            "UPDATE battles SET status = 'streaming', retried = turns, void_reason = NULL"
            " WHERE id = ? AND visitor = ? AND turns = ? AND retried < turns"
            " AND status = 'void' AND void_reason = ?",
            (id, visitor, turns, INCOMPLETE),
        )
        if not done:
            raise Refused("refusals.no_retry")

    def latest(
        self, visitor: str, id: str | None = None, named: bool = False
    ) -> LatestBattle | None:
        """The visitor's latest battle on this site; None without one, or where it was dismissed.

        named: of those with the names in view. id: of the battle that is meant instead, of either
        kind, dismissed or not; None where it is not theirs.
        """
        row = self.db.query_one(
            'SELECT b.id, b.status, b."left", b."right", b.left_conversation,'
            " b.right_conversation, b.turns, b.leaked, b.status = 'void' AND b.void_reason = ?2"
            " AND b.retried < b.turns, b.void_reason, v.created, c.put_away, b.source"
            " FROM battles b JOIN conversations c ON c.id = b.left_conversation"
            " LEFT JOIN votes v ON v.battle = b.id WHERE b.visitor = ?1"
            " AND iif(?3 IS NULL, b.source = ?4, b.id = ?3 AND b.source IN ('own', ?5))"
            " ORDER BY b.rowid DESC LIMIT 1",
            (visitor, INCOMPLETE, id, NAMED if named else "own", NAMED),
        )  # by row: a clock can be set back
        if row is None or (row[-2] and id is None):
            return None
        id, status, left, right, one, other, turns, leaked, retry, reason, voted, *rest = row
        return LatestBattle(
            *(id, status, (left, right), (one, other), turns),
            *(bool(leaked), bool(retry), reason, voted, bool(rest[0]), rest[1] == NAMED),
        )

    def count_by_status(self) -> dict[str, int]:
        """How many of our own battles are in each state; from counts that are kept."""
        rows = self.db.query("SELECT status, battles FROM battle_counts WHERE source = 'own'")
        return dict.fromkeys(get_args(Status), 0) | dict(rows)

    def _owned(self, id: str, visitor: str) -> BattleState:
        battle = self.state(id)
        check_battle(visitor, battle and battle.visitor)
        return battle


def check_battle(visitor: str, owner: str | None, status: str | None = "ready") -> None:
    """Raise Refused where a battle does not wait for this visitor's vote.

    owner: None where there is no such battle.
    """
    if owner is None:
        raise Refused("refusals.no_battle")
    if owner != visitor:
        raise Refused("refusals.foreign_battle")
    if why := WHY_NOT[status]:
        raise Refused(why)
