"""Visits: how long visitors stay and what they do by day, written with the turn."""

from dataclasses import dataclass
from datetime import UTC, datetime

from arena.db.database import Database
from arena.experiment.cohort import PROMPT_S

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Visits:
    """Visitors, with time and counts of their chats. The time between two acts is spent, at most
    `longest_gap` seconds of it.

    Battles are not counted: everybody meets the same there, whichever arm of an experiment they are
    in.
    """

    db: Database

    def add_visitor(self, id: str, address_hash: str | None = None) -> None:
        """Note a visitor, the first time and whenever the address is another one."""
        self.db.execute(
            "INSERT INTO visitors (id, first_seen, address_hash) VALUES (?, ?, ?) ON CONFLICT (id)"
            " DO UPDATE SET address_hash = coalesce(excluded.address_hash, address_hash)",
            (id, self.db.clock(), address_hash),
        )

    def has_visitor(self, id: str) -> bool:
        """Whether somebody with this id ever came."""
        return self.db.query_one("SELECT 1 FROM visitors WHERE id = ?", (id,)) is not None

    def record_activity(self, visitor: str, **counts: int) -> None:
        """Note that the visitor did something now: the time since the last act, and `counts`."""
        now = self.db.clock()
        with self.db.transaction():
            row = self.db.query_one("SELECT last_act FROM visitors WHERE id = ?", (visitor,))
            self._count(visitor, day(now), counts)
            for date, seconds in seconds_by_day(row and row[0], now, self.db.longest_gap).items():
                self.db.execute(
                    "INSERT INTO visits (visitor, day, seconds) VALUES (?, ?, ?)"
                    " ON CONFLICT (visitor, day) DO UPDATE SET seconds = seconds + ?3",
                    (visitor, date, seconds),
                )
            self.db.execute("UPDATE visitors SET last_act = ? WHERE id = ?", (now, visitor))

    def record_exposure(self, visitor: str, experiment: str, arm: str) -> None:
        """Note which arm the visitor meets; the first one stays, another one is marked."""
        self.db.execute(
            "INSERT INTO exposures (experiment, visitor, arm, since) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (experiment, visitor) DO UPDATE SET crossed = 1 WHERE arm <> ?3",
            (experiment, visitor, arm, self.db.clock()),
        )

    def _count(self, visitor: str, date: str, counts: dict[str, int]) -> None:
        # Two statements: a count that goes down may not be inserted, even where it is not.
        self.db.insert("visits", ("visitor", "day"), [(visitor, date)])
        if counts:
            steps = ", ".join(f"{name} = {name} + :{name}" for name in counts)
            self.db.execute(
                f"UPDATE visits SET {steps} WHERE visitor = :visitor AND day = :day",
                {"visitor": visitor, "day": date, **counts},
            )

    def message_sent(
        self,
        conversation: str,
        position: int,
        turn: str,
        again: bool,
        exposure: tuple[str, str] | None,
    ) -> None:
        """A turn was started: count it if it is a chat's. Called once a turn, in its transaction.

        again: the message was sent before, and another reply is wanted. exposure: experiment, arm.
        """
        chatting = self.db.query_one(
            "SELECT visitor FROM conversations WHERE id = ? AND kind = 'chat' AND NOT preview",
            (conversation,),
        )
        if chatting is None:
            return
        (visitor,) = chatting
        if exposure is not None:
            self.record_exposure(visitor, *exposure)
        if again:
            return self.record_activity(visitor, retries=1)
        new = not self.db.query_one(
            "SELECT 1 FROM turns WHERE conversation = ? AND position = ? AND id <> ?",
            (conversation, position, turn),
        )
        if new and position:
            self._answered(visitor, conversation, position - 1)
        self.record_activity(visitor, turns=1, conversations=int(new and not position))

    def reply_finished(self, turn: str, finished: bool) -> None:
        """A reply ended. Saying so again changes nothing."""
        with self.db.transaction():
            new = self.db.execute(
                "UPDATE turns SET closed = ? WHERE id = ? AND closed IS NULL",
                (self.db.clock(), turn),
            )
            chatting = self._chatting(turn)
            if new and chatting:
                self.record_activity(chatting[0], replies=int(finished))

    def feedback_changed(self, turn: str, before: int | None, after: int | None) -> None:
        """A thumb came, went or turned; it counts on the day on which the reply ended."""
        chatting = self._chatting(turn)
        if chatting is None or before == after:
            return
        visitor, closed = chatting
        if closed is not None:
            counts = {"ups": (after == 1) - (before == 1), "downs": (after == -1) - (before == -1)}
            self._count(visitor, day(closed), counts)
        self.record_activity(visitor)

    def _answered(self, visitor: str, conversation: str, position: int) -> None:
        """The reply at that position was answered now: was it soon enough?"""
        row = self.db.query_one(
            "SELECT closed FROM turns WHERE conversation = ? AND position = ? AND finished"
            " AND NOT undone ORDER BY closed DESC LIMIT 1",
            (conversation, position),
        )
        if row and row[0] is not None and 0 <= self.db.clock() - row[0] <= PROMPT_S:
            self._count(visitor, day(row[0]), {"answered": 1})

    def _chatting(self, turn: str) -> tuple[str, float | None] | None:
        """Visitor and end of a chat's turn; None where such turns are not counted."""
        return self.db.query_one(
            "SELECT c.visitor, t.closed FROM turns t JOIN conversations c ON c.id = t.conversation"
            " WHERE t.id = ? AND c.kind = 'chat' AND NOT c.preview",
            (turn,),
        )


def day(time: float) -> str:
    """The day of a moment, in UTC."""
    return datetime.fromtimestamp(time, UTC).date().isoformat()


def seconds_by_day(last: float | None, now: float, longest: float) -> dict[str, float]:
    """Seconds by day between two acts: at most `longest`, nothing where the clock went back.

    Over midnight the time is shared out, unless it is longer than `longest`: then the visitor went
    and came back, and neither day is given anything.
    """
    if last is None or now <= last:
        return {}
    if day(last) == day(now):
        return {day(now): min(now - last, longest)}
    if now - last > longest:
        return {}
    midnight = now - now % DAY
    return {day(last): midnight - last, day(now): now - midnight}
