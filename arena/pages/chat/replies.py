"""A chat and the database: one is found, a message is stored, its reply grows."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import gradio as gr

from arena.experiment.assignment import Assignment
from arena.models import Refused
from arena.site.recording import register_visitor, start_turn
from arena.site.site import Site
from arena.site.stream_merge import REFRESH_INTERVAL, pause
from arena.texts import Texts
from blend.conversation import Conversation

THINKS = 1.0  # seconds of a reply that is being thought about until the page says so


def find_chat(site: Site, id: str, visitor: str) -> tuple[Conversation | None, str]:
    """A chat of the visitor's, or None and why: the name of a text. Raises StoreError.

    A chat without a turn is none, for no reason.
    """
    conversations = site.store.conversations
    if not conversations.is_chat(id, visitor):
        return None, "chat.unknown"
    conversation = conversations.load(id, visitor)
    if conversation is None:
        return None, "chat.unkept"
    return (conversation, "") if conversation.turns else (None, "")


def stored_chat(site: Site, id: str, visitor: str) -> Conversation:
    """A chat of the visitor's. Raises StoreError, or Refused where it was not kept."""
    conversation, _ = find_chat(site, id, visitor)
    if conversation is None:
        raise Refused("chat.lost")
    return conversation


def store_message(
    site: Site,
    pending: Conversation,
    visitor: str,
    to: Assignment,
    replaces: str | None = None,
    undone: Sequence[str] = (),
    publishable: bool = False,
) -> None:
    """Store the message, and the conversation where it is new; all of it, or nothing.

    to: who writes the reply. replaces: the last turn, where its reply is drawn anew. undone: the
    turns that are taken back for it, in their order: the message it stands for, and what followed.
    publishable: of a new conversation, whether it may be published.
    Raises Refused where another window has changed what this one shows.
    """
    store = site.store
    position, turn = len(pending.turns) - 1, pending.turns[-1]
    shown = [*(each.id for each in pending.turns[:-1]), *([replaces] if replaces else [])]
    shown += undone
    with store.database.transaction():
        if store.conversations.active_turns(pending.id) != shown:
            raise Refused("refusals.elsewhere")
        for id in reversed(undone):
            store.conversations.undo_turn(id, visitor)
        if position == 0:
            contender = site.contenders.id_of(to.contender)
            register_visitor(store, visitor)
            store.conversations.open(pending, visitor, contender, "chat", to.preview, publishable)
        start_turn(store, pending.id, position, turn, replaces, to.exposure)


async def stream_reply(
    site: Site,
    pending: Conversation,
    to: Assignment,
    replaces: str | None,
    origin: str | None,
    texts: Texts,
) -> AsyncGenerator[Conversation, None]:
    """The conversation with its last reply growing, as often as the page can show it.

    origin: the visitor's address, hashed. Raises as `ReplyWriter.stream` does.
    """
    # What a chosen contender has read must make no reply of a blind battle come sooner: it reads
    # nothing ahead, and what it reads is found by this chat alone.
    direct = not site.roster.experiment and to.contender != site.roster.focus
    scope = f"direct {pending.id}" if direct else ""
    shown, conversation = float("-inf"), pending
    began, thinking = time.monotonic(), bool(site.roster.experiment)  # then nobody learns of it
    how = {"address": origin, "scope": scope}
    replying = site.replies.stream(to.contender, pending, replaces, to.exposure, **how)
    async with aclosing(replying) as turns:
        async for turn in turns:
            conversation, now = pending.answered(turn), time.monotonic()
            if turn.has_reply and now - shown >= pause(
                [turn], max(REFRESH_INTERVAL, site.replies.send_interval)
            ):
                yield conversation
                shown = time.monotonic()
            if turn.thought and not (turn.has_reply or thinking) and now - began >= THINKS:
                yield conversation
                thinking = True
    if site.replies.in_progress(conversation.id):
        gr.Warning(texts("chat.later"))
    if conversation.turns[-1].finished and not direct:
        conversation = site.contenders.blend(to.contender).ahead(conversation)
    yield conversation
