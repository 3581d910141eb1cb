"""What visitors do in the chat, a listener each: send, regenerate, stop, undo, thumb, clear."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial

import gradio as gr

from arena.models import Refused, StoreError
from arena.pages.appearance import transcript
from arena.pages.chat.replies import find_chat, store_message, stored_chat, stream_reply
from arena.pages.chat.view import awaits_reply, chat_view, mark_stopped
from arena.pages.listener import Event, UnreadableState, current_state, explain, listener
from arena.pages.messages import Refusals, can_send, show_error
from arena.pages.templates import sentence
from arena.pages.visitor import address, check_message
from arena.site.recording import give_feedback
from arena.site.site import Site
from blend.conversation import Conversation, clean_message

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at a chat that another window is writing


class ChatEvents:
    """The page's listeners over one site.

    A message is three events, one after the other: `send` or `regenerate` accepts and stores it,
    `reply` streams, `done` wakes the page. While a reply grows the page is sent nothing else: the
    buttons would cost several times as much.
    """

    def __init__(self, site: Site):
        self.site = site
        # During an experiment nothing tells who writes: not the arm, and not the arm's members.
        self.roster = None if site.roster.experiment else site.roster
        self._answering: set[str] = set()
        # As it is stored: the last reply may be on its way.
        self._stored = partial(asyncio.to_thread, stored_chat, site)

    def outputs(
        self, conversation: Conversation | None, request: gr.Request | None = None, **how: bool
    ) -> tuple:
        """The page's outputs for a conversation; see `chat_view`."""
        return chat_view(self.roster, conversation, **how)

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
        """The chat in the page's address, or the visitor's latest one, when the page is loaded.

        From now on they can type.
        """
        wanted = request.query_params.get("chat", "") if request is not None else ""
        async for view in self._follow(visitor, "" if preview else wanted, not preview):
            yield view

    async def open(
        self,
        conversation: Conversation | None,
        visitor: str | None,
        shown: str,
        id: str,
    ) -> AsyncGenerator[tuple, None]:
        """Another chat of the visitor's in the place of the one that is shown."""
        if not isinstance(id, str) or not id:
            yield gr.skip()
            return
        async for view in self._follow(visitor, id):
            yield view

    async def _follow(
        self, visitor: str | None, id: str = "", latest: bool = False
    ) -> AsyncGenerator[tuple, None]:
        """A stored chat as it stands; first, while another window is writing it, as it grows.

        id: which one; without one the latest, where `latest`, and else none.
        """
        conversation, missing = None, ""
        read = partial(asyncio.to_thread, find_chat, self.site, visitor, id)
        try:
            if isinstance(visitor, str) and visitor and (id or latest):
                conversation, missing = await read()
                while conversation is not None and self.site.replies.in_progress(conversation.id):
                    yield self.outputs(conversation, asleep=True)
                    await asyncio.sleep(POLL)
                    conversation, missing = await read()
        except Refusals as refusal:
            show_error(refusal, "page.unread")
        log, *view = self.outputs(mark_stopped(conversation))
        if conversation:
            view[5] |= {"value": conversation.system}
        yield (gr.update(value=[], placeholder=sentence(missing)) if missing else log, *view)

    @listener(None, "")
    async def send(
        self, event: Event[Conversation], text: str, system: str = "", preview: str = ""
    ) -> tuple:
        """Accept and store a message; bad input leaves everything as it was.

        Last come the turn that the reply replaces, none, and the text: it leaves the box only now.
        """
        visitor = event.visitor
        if not can_send(self.site, visitor):
            return gr.skip()
        if self._busy(event.state) or awaits_reply(event.state):
            gr.Warning(sentence("chat.busy"))
            return gr.skip()
        conversation = mark_stopped(event.state)
        system = (system or "") if conversation is None else ""
        await check_message(self.site, visitor, event.request, text, system)
        longest = self.site.settings.longest_message
        if conversation is None:
            conversation = Conversation(system=clean_message(system, longest) if system else "")
        pending = conversation.ask(text, longest)
        # A limit that an arm's members set would tell the arm.
        limited = self.site.assignment(visitor, preview).contender if self.roster else None
        await asyncio.to_thread(self.site.contenders.check_length, pending, limited)
        await asyncio.to_thread(store_message, self.site, pending, visitor, preview)
        return *self.outputs(pending, busy=True), None, text

    @listener(None, "")
    async def regenerate(self, event: Event[Conversation], preview: str = "") -> tuple:
        """Accept the last message once more: its reply will be drawn anew."""
        conversation = mark_stopped(event.state)
        if not can_send(self.site, event.visitor):
            return gr.skip()
        if not conversation or not conversation.turns or self._busy(conversation):
            return gr.skip()
        await check_message(self.site, event.visitor, event.request)
        pending, replaces = conversation.regenerate(), conversation.turns[-1].id
        message = (self.site, pending, event.visitor, preview, replaces)
        await asyncio.to_thread(store_message, *message)
        return *self.outputs(pending, busy=True), replaces, ""

    def _busy(self, conversation: Conversation | None) -> bool:
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
        with suppress(Refused, UnreadableState):
            conversation = await current_state(self._stored, conversation, visitor, id)
        if not awaits_reply(conversation) or self._busy(conversation):
            yield gr.skip()
            return
        turn = conversation.turns[-1].id
        self._answering.add(turn)
        try:
            to, origin = self.site.assignment(visitor, preview), address(self.site, request)
            replies = stream_reply(self.site, conversation, to, replaces, origin)
            async with aclosing(replies) as growing:
                async for conversation in growing:
                    yield transcript(conversation.turns, self.roster, growing=True), conversation
        except Refusals as refusal:
            if isinstance(refusal, StoreError):
                log.error("%s", refusal)
                last = replace(conversation.turns[-1], error=sentence("chat.unanswered"))
                conversation = conversation.answered(last)
            else:
                conversation = mark_stopped(await explain(self, refusal, conversation, visitor))
            yield transcript(conversation.turns, self.roster), conversation
        finally:
            self._answering.discard(turn)

    async def done(
        self, conversation: Conversation | None, visitor: str | None = None, id: str = ""
    ) -> tuple:
        """The box, the ribbon and the buttons when a reply has ended, or none began."""
        with suppress(Refused, UnreadableState):
            conversation = await current_state(self._stored, conversation, visitor, id)
        return gr.skip() if self._busy(conversation) else self.outputs(conversation)[1:6]

    @listener()
    async def stop(self, event: Event[Conversation]) -> tuple:
        """How the page stands after Stop: what was said stays."""
        return self.outputs(mark_stopped(event.state))

    @listener("")
    async def undo(self, event: Event[Conversation]) -> tuple:
        """The last turn taken back; its row stays, marked. Last comes its text, for the box."""
        conversation = mark_stopped(event.state)
        if not conversation or not conversation.turns:
            return gr.skip()
        last = conversation.turns[-1]
        await asyncio.to_thread(self.site.store.conversations.undo_turn, last.id, event.visitor)
        return *self.outputs(conversation.undo()), last.prompt

    @listener()
    async def thumb(self, event: Event[Conversation], index: object, liked: object) -> tuple:
        """A thumb, up or down or taken back, kept with the turn it was given to."""
        turns = event.state.turns if event.state else ()
        # Two messages a turn: what was asked, and the reply.
        if type(index) is int and 0 <= index // 2 < len(turns):
            turn, value = turns[index // 2].id, {True: 1, False: -1}.get(liked)
            await asyncio.to_thread(give_feedback, self.site.store, turn, event.visitor, value)
        return gr.skip()

    async def clear(
        self, conversation: Conversation | None, visitor: str | None, id: str = ""
    ) -> tuple:
        """A new, empty conversation; the old one stays in the database and is not brought back."""
        id = conversation.id if conversation is not None else id
        if isinstance(id, str) and id:
            try:
                await asyncio.to_thread(self.site.store.conversations.dismiss, [id], visitor)
            except Refusals as refusal:
                show_error(refusal)
                return gr.skip()
        return self.outputs(None)
