"""A message of the chat on its way to a contender, and the reply on its way back."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import gradio as gr

from arena.experiment.assignment import Assignment
from arena.pages.templates import sentence
from arena.site.recording import register_visitor, start_turn
from arena.site.site import Site
from arena.site.stream_merge import BEAT, pause
from blend.conversation import Conversation

THINKS = 1.0  # seconds of a reply that is being thought about until the page says so


def store_message(
    site: Site, pending: Conversation, visitor: str, preview: str, replaces: str | None = None
) -> None:
    """Store the message, and the conversation where it is new; all of it, or nothing."""
    store, to = site.store, site.assignment(visitor, preview)
    position, turn = len(pending.turns) - 1, pending.turns[-1]
    with store.database.transaction():
        if position == 0:
            contender = site.contenders.id_of(to.contender)
            register_visitor(store, visitor)
            store.conversations.open(pending, visitor, contender, "chat", to.preview)
        start_turn(store, pending.id, position, turn, replaces, to.exposure)


async def stream_reply(
    site: Site, pending: Conversation, to: Assignment, replaces: str | None, origin: str | None
) -> AsyncGenerator[Conversation, None]:
    """The conversation with its last reply growing, as often as the page can show it.

    origin: the visitor's address, sealed. Raises as `Site.reply` does.
    """
    shown, conversation = float("-inf"), pending
    began, thinking = time.monotonic(), bool(site.roster.experiment)  # then nobody learns of it
    replying = site.replies.stream(to.contender, pending, replaces, to.exposure, address=origin)
    async with aclosing(replying) as turns:
        async for turn in turns:
            conversation, now = pending.answered(turn), time.monotonic()
            if turn.said and now - shown >= pause([turn], max(BEAT, site.replies.send_interval)):
                yield conversation
                shown = time.monotonic()
            if turn.thought and not (turn.said or thinking) and now - began >= THINKS:
                yield conversation
                thinking = True
    if site.replies.in_progress(conversation.id):
        gr.Warning(sentence("chat.later"))
    if conversation.turns[-1].finished:
        conversation = site.contenders.blend(to.contender).ahead(conversation)
    yield conversation
