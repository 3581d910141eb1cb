"""A clock that is set, and visitors who chat at given times."""

from datetime import UTC, datetime

from arena.models import Contender
from arena.site.recording import finish_turn, register_visitor, start_turn
from blend.conversation import Conversation, Draw, Turn, Usage

BLEND = Contender("b1", "Blended", {})
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


class Clock:
    """Says the time it was set to."""

    def __init__(self, now: float):
        self.now = now

    def __call__(self) -> float:
        return self.now


class Chatter:
    """A visitor who chats at given times; each reply takes two seconds."""

    def __init__(self, store, clock, preview=False, kind="chat", visitor="ann"):
        self.store, self.clock, self.visitor = store, clock, visitor
        self.conversation = Conversation()
        register_visitor(store, visitor)
        store.conversations.open(self.conversation, visitor, BLEND.id, kind, preview)

    def say(self, at, parent=None, finished=True, exposure=None):
        self.clock.now = at
        asked = self.conversation.ask("Hello") if parent is None else self.conversation.regenerate()
        turn = asked.turns[-1]
        position = len(asked.turns) - 1
        start_turn(self.store, asked.id, position, turn, parent, exposure)
        self.clock.now = at + 2
        draw = Draw("x", 1.0, {"x": 1.0})
        turn = Turn("Hello", "Hi", draw, finished, usage=Usage(), id=turn.id)
        finish_turn(self.store, turn)
        self.conversation = asked.answered(turn)
        return turn
