"""What is stored of a visitor and of each reply, nothing of who was erased, and for how long.

Each function is one transaction over several repositories, or joins the one that is open.
"""

import logging
import math

from arena.db.repositories.erasure import DAY, Erasure
from arena.db.store import Store
from arena.models import Refused, StoreError
from blend.conversation import Turn

log = logging.getLogger(__name__)


def register_visitor(store: Store, id: str, address_hash: str | None = None) -> None:
    """Note a visitor, the first time and whenever the address is another one.

    Raises Refused under an id whose data was deleted: it must not begin to fill again.
    """
    with store.database.transaction():
        if store.erasure.is_erased(id):
            raise Refused("refusals.erased")
        store.visits.add_visitor(id, address_hash)


def start_turn(
    store: Store,
    conversation_id: str,
    position: int,
    turn: Turn,
    parent: str | None = None,
    exposure: tuple[str, str] | None = None,
) -> None:
    """The turn's row, before its first token, and its visit; see `Conversations.start_turn`.

    exposure: the experiment and the arm that the visitor meets by it.
    """
    with store.database.transaction():
        if store.conversations.start_turn(conversation_id, position, turn, parent):
            again = parent is not None
            store.visits.message_sent(conversation_id, position, turn.id, again, exposure)


def finish_turn(store: Store, turn: Turn) -> None:
    """Complete the turn's row, and count its reply. Doing it again changes nothing.

    No words come to a visitor whose data was deleted meanwhile.
    """
    with store.database.transaction():
        store.conversations.finish_turn(turn)
        store.drafts.add(turn)
        store.visits.reply_finished(turn.id, turn.finished)
        store.erasure.redact_turn(turn.id)


def give_feedback(store: Store, turn_id: str, visitor: str, value: int | None) -> None:
    """A thumb, see `Conversations.set_feedback`, and its place among the visitor's counts."""
    with store.database.transaction():
        before = store.conversations.set_feedback(turn_id, visitor, value)
        store.visits.feedback_changed(turn_id, before, value)


class TextRetention:
    """Drops old texts once a day. days: how long they are kept; 0 for ever."""

    def __init__(self, erasure: Erasure, days: int):
        self._erasure = erasure
        self._days = days
        self._next = -math.inf

    def tick(self, now: float) -> None:
        """Do what is due. now: seconds since 1970. A fault of the database goes to the log, and the
        next try is a day later."""
        if not self._days or now < self._next:
            return
        self._next = now + DAY
        try:
            if dropped := self._erasure.expire_texts(now, self._days):
                log.info("%d texts older than %d days were dropped", dropped, self._days)
        except StoreError as error:
            log.error("texts older than %d days could not be dropped: %s", self._days, error)
