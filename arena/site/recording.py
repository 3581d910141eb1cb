"""What is stored of a visitor and of each reply: the turn, its visit, nothing of who was erased.

Each function is one transaction over several repositories, or joins the one that is open.
"""

from arena.db.store import Store
from arena.models import Refused
from blend.conversation import Turn

ERASED = "What was stored under this browser's id has been deleted: reload the page to begin anew."


def register_visitor(store: Store, id: str, address_hash: str | None = None) -> None:
    """Note a visitor, the first time and whenever the address is another one.

    Raises Refused under an id whose data was deleted: it must not begin to fill again.
    """
    with store.database.transaction():
        if store.erasure.is_erased(id):
            raise Refused(ERASED)
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
        store.visits.reply_finished(turn.id, turn.finished)
        store.erasure.redact_turn(turn.id)


def give_feedback(store: Store, turn_id: str, visitor: str, value: int | None) -> None:
    """A thumb, see `Conversations.set_feedback`, and its place among the visitor's counts."""
    with store.database.transaction():
        before = store.conversations.set_feedback(turn_id, visitor, value)
        store.visits.feedback_changed(turn_id, before, value)
