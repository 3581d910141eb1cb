"""Visits in the database: how long visitors stay and what they do by day, written with the turn."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from arena.database import Database
from blend.cohort import PROMPT_S

DAY = 86_400


class Visits(Database):
    """Time and counts of chats. What a visitor does is one act; the time between acts is spent.

    longest_gap: seconds between two acts that count at most. clock: seconds since 1970. Both are
    set once, before the store is used. Battles are not counted: everybody meets the same there,
    whichever arm of an experiment they are in.
    """

    longest_gap: float = 300.0
    clock: Callable[[], float] = staticmethod(time.time)

    def act(self, visitor: str, **counts: int) -> None:
        """Note that the visitor did something now: the time since the last act, and `counts`."""
        now = self.clock()
        with self.writing():
            row = self._row("SELECT last_act FROM visitors WHERE id = ?", (visitor,))
            self._count(visitor, day(now), counts)
            for date, seconds in spent(row and row[0], now, self.longest_gap).items():
                self._write(
                    "INSERT INTO visits (visitor, day, seconds) VALUES (?, ?, ?)"
                    " ON CONFLICT (visitor, day) DO UPDATE SET seconds = seconds + ?3",
                    (visitor, date, seconds),
                )
            self._write("UPDATE visitors SET last_act = ? WHERE id = ?", (now, visitor))

    def expose(self, visitor: str, experiment: str, arm: str) -> None:
        """Note which arm the visitor meets; the first one stays, another one is marked."""
        self._write(
            "INSERT INTO exposures (experiment, visitor, arm, since) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (experiment, visitor) DO UPDATE SET crossed = 1 WHERE arm <> ?3",
            (experiment, visitor, arm, self.clock()),
        )

    def _count(self, visitor: str, date: str, counts: dict[str, int]) -> None:
        # Two statements: a count that goes down may not be inserted, even where it is not.
        self._write(
            "INSERT INTO visits (visitor, day) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (visitor, date),
        )
        if counts:
            steps = ", ".join(f"{name} = {name} + :{name}" for name in counts)
            self._write(
                f"UPDATE visits SET {steps} WHERE visitor = :visitor AND day = :day",
                {"visitor": visitor, "day": date, **counts},
            )

    def asked(
        self,
        conversation: str,
        position: int,
        turn: str,
        again: bool,
        exposure: tuple[str, str] | None,
    ) -> None:
        """A turn was opened: count it if it is a chat's. Called once a turn, in its transaction.

        again: the message was sent before, and another reply is wanted. exposure: experiment, arm.
        """
        chatting = self._row(
            "SELECT visitor FROM conversations WHERE id = ? AND kind = 'chat' AND NOT preview",
            (conversation,),
        )
        if chatting is None:
            return
        (visitor,) = chatting
        if exposure is not None:
            self.expose(visitor, *exposure)
        if again:
            return self.act(visitor, retries=1)
        new = not self._row(
            "SELECT 1 FROM turns WHERE conversation = ? AND position = ? AND id <> ?",
            (conversation, position, turn),
        )
        if new and position:
            self._answered(visitor, conversation, position - 1)
        self.act(visitor, turns=1, conversations=int(new and not position))

    def replied(self, turn: str, finished: bool) -> None:
        """A reply ended. Saying so again changes nothing."""
        with self.writing():
            new = self._write(
                "UPDATE turns SET closed = ? WHERE id = ? AND closed IS NULL", (self.clock(), turn)
            )
            chatting = self._chatting(turn)
            if new and chatting:
                self.act(chatting[0], replies=int(finished))

    def liked(self, turn: str, before: int | None, after: int | None) -> None:
        """A thumb came, went or turned; it counts on the day on which the reply ended."""
        chatting = self._chatting(turn)
        if chatting is None or before == after:
            return
        visitor, closed = chatting
        if closed is not None:
            counts = {"ups": (after == 1) - (before == 1), "downs": (after == -1) - (before == -1)}
            self._count(visitor, day(closed), counts)
        self.act(visitor)

    def _answered(self, visitor: str, conversation: str, position: int) -> None:
        """The reply at that position was answered now: was it soon enough?"""
        row = self._row(
            "SELECT closed FROM turns WHERE conversation = ? AND position = ? AND finished"
            " AND NOT undone ORDER BY closed DESC LIMIT 1",
            (conversation, position),
        )
        if row and row[0] is not None and 0 <= self.clock() - row[0] <= PROMPT_S:
            self._count(visitor, day(row[0]), {"answered": 1})

    def _chatting(self, turn: str) -> tuple[str, float | None] | None:
        """Visitor and end of a chat's turn; None where such turns are not counted."""
        return self._row(
            "SELECT c.visitor, t.closed FROM turns t JOIN conversations c ON c.id = t.conversation"
            " WHERE t.id = ? AND c.kind = 'chat' AND NOT c.preview",
            (turn,),
        )


def day(time: float) -> str:
    """The day of a moment, in UTC."""
    return datetime.fromtimestamp(time, UTC).date().isoformat()


def spent(last: float | None, now: float, longest: float) -> dict[str, float]:
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
