"""A stored chat as it is opened: at rest, or while another window is still writing it."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from typing import Protocol

import gradio as gr

from arena.pages.chat.page_view import PageViews
from arena.pages.chat.replies import find_chat
from arena.pages.chat.view import ChatLook, ChatOutputs, mark_stopped
from arena.pages.language import texts_of
from arena.pages.messages import Refusals, show_error
from arena.pages.visitor import account
from arena.site.site import Site
from blend.conversation import Conversation

POLL = 1.0  # seconds between two looks at a chat that another window is writing


class ChatPage(Protocol):
    """What shows it."""

    site: Site
    views: PageViews

    def look_for(self, request: gr.Request | None) -> ChatLook:
        """How chats look for who asks."""

    def outputs(
        self, conversation: Conversation | None, request: gr.Request | None, **how: bool
    ) -> ChatOutputs:
        """The page's outputs for a conversation."""


async def follow_chat(
    page: ChatPage, visitor: str | None, request: gr.Request | None, id: str = ""
) -> AsyncGenerator[tuple, None]:
    """The page's outputs for a chat of the visitor's; until it is at rest, once a second.

    id: which one; without one a new chat.
    """
    conversation, missing, view = None, "", page.views.begin(request, id)
    read = partial(asyncio.to_thread, find_chat, page.site, id, visitor)
    try:
        if isinstance(visitor, str) and visitor and id:
            page.site.guard.check_account(visitor, account(page.site, request))
            conversation, missing = await read()
            while conversation is not None and page.site.replies.in_progress(conversation.id):
                yield page.outputs(conversation, request, asleep=True)
                await asyncio.sleep(POLL)
                if not page.views.shows(request, view):
                    return
                conversation, missing = await read()
    except Refusals as refusal:
        show_error(refusal, texts_of(request), "page.unread")
    if not page.views.shows(request, view):
        return
    view.id = conversation.id if conversation else ""
    outputs = at_rest(page, conversation, request)
    if missing:
        outputs = outputs._replace(log=page.look_for(request).empty(missing))
    yield outputs


def at_rest(
    page: ChatPage, conversation: Conversation | None, request: gr.Request | None
) -> ChatOutputs:
    """The page's outputs for a chat in which nothing is being written, with its persona. Without a
    chat the persona stays: it is a draft."""
    view = page.outputs(mark_stopped(conversation), request)
    if conversation is None:
        return view
    return view._replace(persona=view.persona | {"value": conversation.system})
