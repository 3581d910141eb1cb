"""What visitors do in a chat, a listener each: open one, send, stop, begin anew."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial

import gradio as gr

from arena.experiment.assignment import Assignment
from arena.models import Refused, StoreError
from arena.pages.chat.direct import chat_partner, chosen
from arena.pages.chat.opening import follow_chat
from arena.pages.chat.page_view import PageViews, chat_listener
from arena.pages.chat.replies import store_message, stored_chat, stream_reply
from arena.pages.chat.view import ChatLook, ChatOutputs, awaits_reply, mark_stopped
from arena.pages.language import texts_of
from arena.pages.listener import Event, UnreadableState, current_state, explain
from arena.pages.messages import Refusals, can_send
from arena.pages.publication.notice import is_offered
from arena.pages.visitor import address, check_message
from arena.site.site import Site
from blend.conversation import Conversation
from blend.message import clean_message

log = logging.getLogger(__name__)


class ChatEvents:
    """The page's listeners over one site.

    A message is three events: `send`, or one of `MessageActions`, accepts and stores it, `reply`
    streams, `done` wakes the page. While a reply grows the page is sent its messages only.
    """

    def __init__(self, site: Site):
        self.site = site
        # During an experiment nothing tells who writes: neither the arm nor its members.
        self.roster = None if site.roster.experiment else site.roster
        self.look = ChatLook(self.roster, reasons=site.roster.reasons)
        self.views = PageViews()
        self._answering: set[str] = set()
        self._stored = partial(asyncio.to_thread, stored_chat, site)  # a reply may be on its way

    def outputs(
        self, conversation: Conversation | None, request: gr.Request | None = None, **how: bool
    ) -> ChatOutputs:
        """The page's outputs for a conversation; see `ChatLook.view`."""
        return self.look_for(request).view(conversation, **how)

    def look_for(self, request: gr.Request | None) -> ChatLook:
        """How chats look for who asks."""
        name = chosen(self.site, request)
        partner = "" if name == self.site.roster.focus else name
        return replace(self.look, texts=texts_of(request), partner=partner)

    async def load(self, id: str, visitor: str) -> Conversation:
        """The visitor's conversation, at rest. Raises StoreError, or Refused: it was not kept."""
        return mark_stopped(await self._stored(id, visitor))

    async def reload(self, conversation: Conversation, visitor: str) -> Conversation:
        """The same conversation as the database has it, where it has it."""
        load = self.site.store.conversations.load
        return await asyncio.to_thread(load, conversation.id, visitor) or conversation

    async def resume(
        self, visitor: str | None, preview: str = "", request: gr.Request | None = None
    ) -> AsyncGenerator[tuple, None]:
        """The chat in the page's address, or else a new one, when the page is loaded.

        From now on they can type.
        """
        wanted = request.query_params.get("chat", "") if request is not None else ""
        wanted = "" if preview else wanted
        async with aclosing(follow_chat(self, visitor, request, wanted)) as views:
            async for view in views:
                yield view

    async def open(
        self, visitor: str | None, id: str, request: gr.Request | None = None
    ) -> AsyncGenerator[tuple, None]:
        """Another chat of the visitor's in the place of the one that is shown."""
        id = id if isinstance(id, str) else ""
        async with aclosing(follow_chat(self, visitor, request, id)) as views:
            async for view in views:
                yield view

    @chat_listener(None, "", sends=True)
    async def send(
        self,
        event: Event[Conversation],
        text: str,
        system: str = "",
        preview: str = "",
        private: bool | None = None,
    ) -> tuple:
        """Accept and store a message; bad input leaves everything as it was.

        private: what the switch says where conversations may be published. Last come the turn that
        the reply replaces, none, and the text: it leaves the box only now.
        """
        visitor = event.visitor
        if not can_send(self.site, visitor, texts_of(event.request)):
            return gr.skip()
        if self.busy(event.state) or awaits_reply(event.state):
            gr.Warning(texts_of(event.request)("chat.busy"))
            return gr.skip()
        conversation = mark_stopped(event.state)
        system = (system or "") if conversation is None else ""
        await check_message(self.site, visitor, event.request, text, system)
        longest = self.site.settings.longest_message
        if conversation is None:
            conversation = Conversation(system=clean_message(system, longest) if system else "")
        pending = conversation.ask(text, longest)
        to = await self.partner(pending, visitor, event.request, preview)
        await self.check_length(pending, to)
        offered = is_offered(self.site, private)
        store = partial(store_message, self.site, publishable=offered)
        await asyncio.to_thread(store, pending, visitor, to)
        return *self.outputs(pending, event.request, busy=True), None, text

    async def partner(
        self,
        conversation: Conversation | None,
        visitor: str,
        request: gr.Request | None,
        preview: str = "",
    ) -> Assignment:
        """Who writes in this chat; see `arena.pages.chat.direct`."""
        return await asyncio.to_thread(
            chat_partner, self.site, conversation, visitor, request, preview
        )

    async def check_length(self, pending: Conversation, to: Assignment) -> None:
        """Raise MessageTooLong unless the members that may answer can read it all."""
        # A limit that an arm's members set would tell the arm.
        limited = to.contender if self.roster else None
        await asyncio.to_thread(self.site.contenders.check_length, pending, limited)

    def busy(self, conversation: Conversation | None) -> bool:
        """Whether the last reply is being written, for this window or another one."""
        turns = conversation.turns if conversation else ()
        return bool(turns) and turns[-1].id in self._answering

    async def reply(
        self,
        conversation: Conversation | None,
        visitor: str | None,
        id: str = "",
        request: gr.Request | None = None,
        replaces: str | None = None,
        preview: str = "",
    ) -> AsyncGenerator[tuple, None]:
        """The reply to an accepted message, as it grows; nothing where none waits for one."""
        view = self.views.now(request, id)
        with suppress(Refused, UnreadableState):
            conversation = await current_state(self._stored, view.own(conversation), visitor, id)
        waits = awaits_reply(conversation) and not self.busy(conversation)
        if not waits or not view.is_of(id):
            yield gr.skip()
            return
        turn, look = conversation.turns[-1].id, self.look_for(request)
        self._answering.add(turn)
        try:
            to = await self.partner(conversation, visitor, request, preview)
            origin = address(self.site, request)
            replies = stream_reply(self.site, conversation, to, replaces, origin, look.texts)
            messages = look.growing_after(conversation.turns[:-1])
            async with aclosing(replies) as growing:
                async for conversation in growing:
                    if not self.views.shows(request, view):
                        break  # it is left: the rest is not written
                    yield messages(conversation.turns[-1]), conversation
        except Refusals as refusal:
            if isinstance(refusal, StoreError):
                log.error("%s", refusal)
                last = replace(conversation.turns[-1], error=look.texts("chat.unanswered"))
                conversation = conversation.answered(last)
            else:
                conversation = mark_stopped(
                    await explain(self, refusal, conversation, visitor, look.texts)
                )
            if self.views.shows(request, view):
                yield look.messages(conversation.turns), conversation
        finally:
            self._answering.discard(turn)

    async def done(
        self,
        conversation: Conversation | None,
        visitor: str | None = None,
        id: str = "",
        request: gr.Request | None = None,
    ) -> tuple:
        """The page when a reply has ended, or none began: all but the messages, and those as well
        where it was left, since the last of it may have come too late."""
        view = self.views.now(request, id)
        with suppress(Refused, UnreadableState):
            conversation = await current_state(self._stored, conversation, visitor, view.id)
        if self.busy(conversation) or not view.is_of(conversation.id if conversation else ""):
            return gr.skip()
        outputs = self.outputs(mark_stopped(conversation), request)._replace(state=gr.skip())
        same = view.sent and view.is_of(id)
        return outputs._replace(log=gr.skip(), shown=gr.skip()) if same else outputs

    @chat_listener(ends=True)
    async def stop(self, event: Event[Conversation]) -> tuple:
        """How the page stands after Stop: what was said stays."""
        return self.outputs(mark_stopped(event.state), event.request)

    async def clear(self, request: gr.Request | None = None) -> tuple:
        """A new, empty conversation, without the persona of the one before."""
        self.views.begin(request)
        new = self.outputs(None, request)
        return new._replace(persona=new.persona | {"value": ""})
