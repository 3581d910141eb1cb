"""The chat tab: one conversation with Blended, in which one sees who wrote which reply."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace

import gradio as gr

from arena.assignment import Assignment
from arena.race import BEAT, pause
from arena.records import ELSEWHERE, Refused, StoreError
from arena.site import Site
from arena.tabs.composer import QUIET, Composer, restore_after
from arena.tabs.guest import address, admit
from arena.tabs.look import ribbon, transcript
from arena.tabs.refusal import UNREAD, Refusals, Unread, may_speak, tell, untouched
from blend.conversation import Conversation, checked

log = logging.getLogger(__name__)

EMPTY = (
    "### Several small models, one conversation\n"
    "Each reply is written by a member drawn at random, and every member sees the whole chat. "
    "The chip under a reply tells who it was."
)

BLIND = (
    "### A conversation\n"
    "Just talk. A comparison is going on: who writes the replies is not shown while it lasts."
)


UNKEPT = (
    "### A new conversation\n"
    "What was said in your last chat is not kept here, so it could not be brought back."
)

LOST = (
    "What was said in this chat is not kept here, so it could not be brought back: "
    "your next message begins a new one."
)

BUSY = "The last reply is still being written: wait for it, or stop it. Your text stays in the box."
LATER = "This reply could not be stored just now. It is stored as soon as that works again."
UNANSWERED = "This could not be answered just now. Your message is kept: regenerate to try again."

SAY = "Say something…"
OTHER = "This chat is being answered in another window…"
THINKS = 1.0
"""Seconds of a reply that is being thought about until the page says so."""
POLL = 1.0
"""Seconds between two looks at a chat that another window is writing."""


class Chat:
    """The tab's listeners over one site.

    A message is three events, one after the other: `let_in` or `regenerate` takes it and stores it,
    `reply` streams, `done` wakes the page. While a reply grows only what grows is sent: renewing
    buttons with every piece would cost several times what the words do.

    conversation: what the page shows, as this session remembers it. A server that was started anew,
    or that had too many sessions, remembers nothing: then it is looked up by `shown`, its id as the
    page tells it, and only if it is the visitor's own.
    """

    def __init__(self, site: Site):
        self.site = site
        # During an experiment nothing tells who writes: not the arm, and not the arm's members.
        self.shown = None if site.roster.experiment else site.roster
        self._writing: set[str] = set()

    async def _found(
        self, conversation: Conversation | None, shown: str, visitor: str | None
    ) -> Conversation | None:
        """The conversation that the page shows; None where it shows none.

        Raises Refused where it was not kept, and Unread where it cannot be read.
        """
        given = all(isinstance(id, str) and id for id in (shown, visitor))
        if conversation is not None or not given:
            return conversation
        try:
            load = self.site.store.load_conversation
            conversation = await asyncio.to_thread(load, shown, visitor)
        except StoreError as error:
            raise Unread(error) from error
        if conversation is None:
            raise Refused(LOST)
        return conversation

    async def resume(self, visitor: str | None, preview: str = "") -> AsyncGenerator[tuple, None]:
        """The visitor's latest chat, when the page is loaded; from now on they can type."""
        conversation, kept = None, True
        try:
            if isinstance(visitor, str) and visitor and not preview:
                conversation, kept = await asyncio.to_thread(self._latest, visitor)
                while conversation is not None and self.site.written(conversation.id):
                    yield self.view(conversation, busy=False, asleep=True)
                    await asyncio.sleep(POLL)
                    conversation, kept = await asyncio.to_thread(self._latest, visitor)
        except Refusals as refusal:
            tell(refusal, UNREAD)
        view = self.view(_stopped(conversation), busy=False)
        log = view[0] if kept else gr.update(value=[], placeholder=UNKEPT)
        persona = view[6] | ({"value": conversation.system} if conversation else {})
        yield (log, *view[1:6], persona, *view[7:])

    def _latest(self, visitor: str) -> tuple[Conversation | None, bool]:
        """The visitor's latest chat, and whether what was said in it was kept."""
        id = self.site.store.latest_chat(visitor)
        conversation = self.site.store.load_conversation(id, visitor) if id else None
        kept = id is None or conversation is not None
        return conversation if conversation and conversation.turns else None, kept

    @untouched
    async def let_in(
        self,
        text: str,
        system: str,
        conversation: Conversation | None,
        visitor: str | None,
        preview: str = "",
        shown: str = "",
        request: gr.Request | None = None,
    ):
        """The visitor's message let in and stored; bad input leaves everything as it was.

        Last come the turn that the reply replaces, none, and the text: it leaves the box only now.
        """
        if not self._may_ask(conversation, visitor):
            return gr.skip()
        try:
            conversation = _stopped(await self._found(conversation, shown, visitor))
            if self._busy(conversation):  # of what was found only now
                gr.Warning(BUSY)
                return gr.skip()
            await admit(self.site, visitor, request, text, system if conversation is None else "")
            await self._check(conversation)
            asked = self._asked(text, system, conversation)
            await asyncio.to_thread(self._check_length, asked, visitor, preview)
            await asyncio.to_thread(self._open, asked, visitor, preview)
        except Refusals as refusal:
            conversation = await self._after(refusal, conversation, visitor)
            return *self.view(conversation, busy=False), None, ""
        return *self.view(asked, busy=True), None, text

    @untouched
    async def regenerate(
        self,
        conversation: Conversation | None,
        visitor: str | None,
        preview: str = "",
        shown: str = "",
        request: gr.Request | None = None,
    ):
        """The last message let in once more: its reply will be drawn anew."""
        if not may_speak(self.site, visitor):
            return gr.skip()
        try:
            conversation = _stopped(await self._found(conversation, shown, visitor))
            if not conversation or not conversation.turns or self._busy(conversation):
                return gr.skip()
            await admit(self.site, visitor, request)
            await self._check(conversation)
            asked, replaces = conversation.regenerate(), conversation.turns[-1].id
            await asyncio.to_thread(self._open, asked, visitor, preview, replaces)
        except Refusals as refusal:
            conversation = await self._after(refusal, conversation, visitor)
            return *self.view(conversation, busy=False), None, ""
        return *self.view(asked, busy=True), replaces, ""

    async def _check(self, conversation: Conversation | None) -> None:
        """Raise Refused where another window has changed what this one shows."""
        if conversation is None:
            return
        there = await asyncio.to_thread(self.site.store.standing, conversation.id)
        if there != [turn.id for turn in conversation.turns]:
            raise Refused(ELSEWHERE)

    async def _after(
        self, refusal: Exception, conversation: Conversation | None, visitor: str
    ) -> Conversation | None:
        """Say why not; where a rule spoke, it may know of more than this window shows."""
        tell(refusal)
        if conversation is None or not isinstance(refusal, Refused):
            return conversation
        load = self.site.store.load_conversation
        try:
            return await asyncio.to_thread(load, conversation.id, visitor) or conversation
        except Refusals:
            return conversation

    def _may_ask(self, conversation: Conversation | None, visitor: str | None) -> bool:
        if not may_speak(self.site, visitor):
            return False
        if not (self._busy(conversation) or _waits(conversation)):
            return True
        gr.Warning(BUSY)
        return False

    def _busy(self, conversation: Conversation | None) -> bool:
        return bool(
            conversation and conversation.turns and conversation.turns[-1].id in self._writing
        )

    def _asked(self, text: str, system: str, conversation: Conversation | None) -> Conversation:
        """The conversation with the message in it. Raises MessageError."""
        longest = self.site.settings.longest_message
        if conversation is None:
            conversation = Conversation(system=checked(system, longest) if system else "")
        return conversation.ask(text, longest)

    def _check_length(self, asked: Conversation, visitor: str, preview: str) -> None:
        """Raise MessageTooLong; a limit that an arm's members set would tell the arm."""
        to = self.site.assigned(visitor, preview)
        limited = None if self.site.roster.experiment else to.contender
        self.site.check_length(asked, limited)

    def _open(
        self, asked: Conversation, visitor: str, preview: str, replaces: str | None = None
    ) -> None:
        """Store the message, and the conversation where it is new; all of it, or nothing."""
        store, to = self.site.store, self.site.assigned(visitor, preview)
        position, turn = len(asked.turns) - 1, asked.turns[-1]
        with store.writing():
            if position == 0:
                contender = self.site.contender_id(to.contender)
                store.visitor(visitor)
                store.open_conversation(asked, visitor, contender, "chat", to.preview)
            store.open_turn(asked.id, position, turn, replaces, to.exposure)

    async def reply(
        self,
        conversation: Conversation | None,
        replaces: str | None,
        visitor: str | None,
        preview: str = "",
        shown: str = "",
        request: gr.Request | None = None,
    ) -> AsyncGenerator[tuple, None]:
        """The reply to a message that was let in, as it grows; nothing where none waits for one.

        replaces: the id of the turn that a regenerated reply stands for.
        """
        with suppress(Refused, Unread):
            conversation = await self._found(conversation, shown, visitor)
        if not _waits(conversation) or self._busy(conversation):
            yield gr.skip()
            return
        turn = conversation.turns[-1].id
        self._writing.add(turn)
        try:
            to = self.site.assigned(visitor, preview)
            origin = address(self.site, request)
            async with aclosing(self._grow(conversation, to, replaces, origin)) as growing:
                async for conversation in growing:
                    yield transcript(conversation.turns, self.shown, growing=True), conversation
        except StoreError as error:
            log.error("%s", error)
            last = replace(conversation.turns[-1], error=UNANSWERED)
            conversation = conversation.answered(last)
            yield transcript(conversation.turns, self.shown), conversation
        except Refusals as refusal:
            conversation = _stopped(await self._after(refusal, conversation, visitor))
            yield transcript(conversation.turns, self.shown), conversation
        finally:
            self._writing.discard(turn)

    async def _grow(
        self, asked: Conversation, to: Assignment, replaces: str | None, origin: str | None
    ) -> AsyncGenerator[Conversation, None]:
        shown, conversation = float("-inf"), asked
        began, thinking = time.monotonic(), False
        replying = self.site.reply(to.contender, asked, replaces, to.exposure, address=origin)
        async with aclosing(replying) as turns:
            async for turn in turns:
                conversation = asked.answered(turn)
                beat = pause([turn], max(BEAT, self.site.breath))
                if turn.said and time.monotonic() - shown >= beat:
                    yield conversation
                    shown = time.monotonic()
                late = time.monotonic() - began >= THINKS
                if self.shown and late and turn.thought and not (turn.said or thinking):
                    yield conversation
                    thinking = True
        if self.site.written(conversation.id):
            gr.Warning(LATER)
        if conversation.turns[-1].finished:
            conversation = self.site.ahead(to.contender, conversation)
        yield conversation

    @untouched
    async def undo(self, conversation: Conversation | None, visitor: str, shown: str = ""):
        """The last turn taken back; its row stays, marked. Last comes its text, for the box."""
        try:
            conversation = _stopped(await self._found(conversation, shown, visitor))
            if not conversation or not conversation.turns:
                return gr.skip()
            last = conversation.turns[-1]
            await asyncio.to_thread(self.site.store.undo_turn, last.id, visitor)
        except Refusals as refusal:
            return *self.view(await self._after(refusal, conversation, visitor), busy=False), ""
        return *self.view(conversation.undo(), busy=False), last.prompt

    @untouched
    async def thumb(
        self,
        liked: gr.LikeData,
        conversation: Conversation | None,
        visitor: str,
        shown: str = "",
    ):
        """A thumb, up or down or taken back, kept with the turn it was given to."""
        try:
            conversation = _stopped(await self._found(conversation, shown, visitor))
        except Refused as refusal:
            tell(refusal)
        if not conversation:
            return
        index = liked.index[0] if isinstance(liked.index, list | tuple) else liked.index
        if type(index) is not int or not 0 <= index // 2 < len(conversation.turns):
            return  # no message of this page
        turn = conversation.turns[index // 2].id  # two messages each: asked and answered
        value = {True: 1, False: -1}.get(liked.liked)
        try:
            await asyncio.to_thread(self.site.store.feedback, turn, visitor, value)
        except Refusals as refusal:
            tell(refusal)

    @untouched
    async def done(self, conversation: Conversation | None, visitor: str = "", shown: str = ""):
        """The box, the ribbon and the buttons when a reply has ended, or none began."""
        with suppress(Refused):
            conversation = await self._found(conversation, shown, visitor)
        return gr.skip() if self._busy(conversation) else self.view(conversation, busy=False)[1:6]

    @untouched
    async def settle(self, conversation: Conversation | None, visitor: str = "", shown: str = ""):
        """How the page stands after Stop: what was said stays."""
        try:
            conversation = await self._found(conversation, shown, visitor)
        except Refused as refusal:
            tell(refusal)
        return self.view(_stopped(conversation), busy=False)

    async def clear(self, conversation: Conversation | None, visitor: str, shown: str = ""):
        """A new, empty conversation; the old one stays in the database and is not brought back."""
        id = conversation.id if conversation is not None else shown
        if isinstance(id, str) and id:
            try:
                await asyncio.to_thread(self.site.store.put_away, [id], visitor)
            except Refusals as refusal:
                tell(refusal)
                return gr.skip()
        return self.view(None, busy=False)

    def view(self, conversation: Conversation | None, busy: bool, asleep: bool = False) -> tuple:
        """The tab's outputs for a conversation: messages, box, ribbon, buttons, persona, which one
        it is, state.

        asleep: another window is writing this conversation.
        """
        turns = conversation.turns if conversation else ()
        box = gr.update(
            interactive=True,
            placeholder=OTHER if asleep else SAY,
            submit_btn=False if busy or asleep else "Send",
            stop_btn="Stop" if busy else False,
        )
        can = gr.update(interactive=bool(turns) and not (busy or asleep))
        return (
            transcript(turns, self.shown),
            box,
            ribbon(self.shown, conversation) if conversation and self.shown else "",
            can,
            can,
            can,
            gr.update(interactive=conversation is None),
            conversation.id if conversation else "",
            conversation,
        )


def _stopped(conversation: Conversation | None) -> Conversation | None:
    """The conversation, its last reply marked as stopped where nothing else tells of its end."""
    if conversation is None or not conversation.turns or conversation.turns[-1].finished:
        return conversation
    last = conversation.turns[-1]
    stopped = last if last.said or last.error else replace(last, error="Stopped.")
    return conversation.answered(stopped)


def _waits(conversation: Conversation | None) -> bool:
    """Whether its last message has had no reply, nor the beginning of one."""
    if not conversation or not conversation.turns:
        return False
    last = conversation.turns[-1]
    return last.draw is None and last.error is None


def build(
    site: Site, visitor: gr.BrowserState, preview: gr.State, greeted: gr.events.Dependency
) -> None:
    """The tab's components and their wiring. The box sleeps until the visitor is known.

    preview: the contender that the host looks at, empty for everybody else.
    """
    chat = Chat(site)
    conversation, replaces = gr.State(None), gr.State(None)
    log = gr.Chatbot(
        label="Conversation" if chat.shown is None else f"Conversation with {site.roster.focus}",
        elem_id="chat-log",
        placeholder=BLIND if chat.shown is None else EMPTY,
        buttons=[],
        height=None,
    )
    band = gr.HTML(elem_id="chat-ribbon")
    composer = Composer(
        label="Your message",
        placeholder=SAY,
        submit_btn="Send",
        stop_btn=False,
        elem_id="chat-box",
    )
    composer.openers(site.roster.openers)
    with gr.Row(elem_classes="tools"):
        again = gr.Button("Regenerate (a new draw)", size="sm", interactive=False)
        undo = gr.Button("Undo", size="sm", interactive=False)
        clear = gr.Button("Clear", size="sm", interactive=False)
    with gr.Accordion("Persona", open=False, elem_classes="persona"):
        system = gr.Textbox(
            label="Persona or system message, set before the first message",
            value="",
            placeholder="I like to ski. I have two dogs. I work as a nurse.",
            lines=2,
            elem_id="chat-persona",
        )
    shown = gr.Textbox(visible=False)
    box, quiet = composer.box, QUIET
    view = [log, box, band, again, undo, clear, system, shown, conversation]
    page, whole = [conversation, visitor, shown], [conversation, visitor, preview, shown]
    resumed = greeted.then(chat.resume, [visitor, preview], view, **quiet)
    composer.restore_after(resumed)
    restore_after(resumed, "chat-persona", system)
    lets_in = [*view, replaces, composer.taken]
    asked = box.submit(chat.let_in, [box, system, *whole], lets_in, **quiet)
    redrawn = again.click(chat.regenerate, whole, lets_in, **quiet)
    replies = [
        event.then(
            chat.reply,
            [conversation, replaces, visitor, preview, shown],
            [log, conversation],
            concurrency_id="replies",
            **quiet,
        )
        for event in (asked, redrawn)
    ]
    composer.take_after(asked)
    for event in replies:
        event.then(chat.done, page, view[1:6], queue=False, **quiet)
    box.stop(None, cancels=replies, **quiet).then(chat.settle, page, view, **quiet)
    undone = undo.click(chat.undo, page, [*view, composer.returned], **quiet)
    composer.focus_after(composer.give_back_after(undone))
    clear.click(chat.clear, page, view, **quiet)
    log.like(chat.thumb, page, None, **quiet)
