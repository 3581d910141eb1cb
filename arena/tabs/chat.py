"""The chat tab: one conversation with Blended, in which one sees who wrote which reply."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import gradio as gr

from arena.assignment import Assignment
from arena.records import ELSEWHERE, Refused
from arena.site import Site
from arena.tabs.guest import admit
from arena.tabs.look import ribbon, transcript
from arena.tabs.refusal import Refusals, may_speak, tell
from blend.conversation import Conversation, checked

BEAT = 0.08
"""Seconds between two renewals of the page while a reply streams, at least."""

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

SAY = "Say something…"
OTHER = "This chat is being answered in another window…"
POLL = 1.0
"""Seconds between two looks at a chat that another window is writing."""


class Chat:
    """The tab's listeners over one site.

    A message is three events, one after the other: `let_in` or `regenerate` takes it, `reply`
    streams, `done` wakes the page. While a reply grows only what grows is sent: renewing buttons
    with every piece would cost several times what the words do.
    """

    def __init__(self, site: Site):
        self.site = site
        # During an experiment nothing tells who writes: not the arm, and not the arm's members.
        self.shown = None if site.roster.experiment else site.roster
        self._writing: set[str] = set()

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
            tell(refusal)
        view = self.view(_stopped(conversation), busy=False)
        log = view[0] if kept else gr.update(value=[], placeholder=UNKEPT)
        persona = view[6] | {"value": conversation.system if conversation else ""}
        yield (log, *view[1:6], persona, view[7])

    def _latest(self, visitor: str) -> tuple[Conversation | None, bool]:
        """The visitor's latest chat, and whether what was said in it was kept."""
        id = self.site.store.latest_chat(visitor)
        conversation = self.site.store.load_conversation(id, visitor) if id else None
        kept = id is None or conversation is not None
        return conversation if conversation and conversation.turns else None, kept

    async def let_in(
        self,
        text: str,
        system: str,
        conversation: Conversation | None,
        visitor: str | None,
        preview: str = "",
        request: gr.Request | None = None,
    ):
        """The visitor's message let in; bad input leaves everything as it was."""
        if not self._may_ask(conversation, visitor):
            return gr.skip()
        try:
            await admit(self.site, visitor, request, text, system if conversation is None else "")
            await self._check(conversation)
            asked = await self._asked(text, system, conversation, visitor, preview)
        except Refusals as refusal:
            conversation = await self._after(refusal, conversation, visitor)
            return *self.view(conversation, busy=False, kept=text), None
        return *self.view(asked, busy=True), None

    async def regenerate(
        self,
        conversation: Conversation | None,
        visitor: str | None,
        request: gr.Request | None = None,
    ):
        """The last message let in once more: its reply will be drawn anew."""
        if not self._may_ask(conversation, visitor) or not conversation or not conversation.turns:
            return gr.skip()
        try:
            await admit(self.site, visitor, request)
            await self._check(conversation)
        except Refusals as refusal:
            conversation = await self._after(refusal, conversation, visitor)
            return *self.view(conversation, busy=False), None
        return *self.view(conversation.regenerate(), busy=True), conversation.turns[-1].id

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
        if not self._busy(conversation):
            return True
        gr.Warning("The last reply is still being written: wait for it, or stop it.")
        return False

    def _busy(self, conversation: Conversation | None) -> bool:
        return bool(
            conversation and conversation.turns and conversation.turns[-1].id in self._writing
        )

    async def _asked(
        self,
        text: str,
        system: str,
        conversation: Conversation | None,
        visitor: str,
        preview: str,
    ) -> Conversation:
        """The conversation with the message in it, opened in the database where it is new."""
        longest = self.site.settings.longest_message
        if conversation is not None:
            return conversation.ask(text, longest)
        asked = Conversation(system=checked(system, longest) if system else "").ask(text, longest)
        to = self.site.assigned(visitor, preview)
        store, contender = self.site.store, self.site.contender_id(to.contender)
        await asyncio.to_thread(store.visitor, visitor)
        await asyncio.to_thread(
            store.open_conversation, asked, visitor, contender, "chat", to.preview
        )
        return asked

    async def reply(
        self,
        conversation: Conversation | None,
        replaces: str | None,
        visitor: str | None,
        preview: str = "",
    ) -> AsyncGenerator[tuple, None]:
        """The reply to a message that was let in, as it grows; nothing where none waits for one.

        replaces: the id of the turn that a regenerated reply stands for.
        """
        if not _waits(conversation) or self._busy(conversation):
            yield gr.skip()
            return
        turn = conversation.turns[-1].id
        self._writing.add(turn)
        try:
            to = self.site.assigned(visitor, preview)
            async with aclosing(self._grow(conversation, to, replaces)) as growing:
                async for conversation in growing:
                    yield transcript(conversation.turns, self.shown), conversation
        except Refusals as refusal:
            conversation = await self._after(refusal, conversation, visitor)
            yield transcript(conversation.turns, self.shown), conversation
        finally:
            self._writing.discard(turn)

    async def _grow(
        self, asked: Conversation, to: Assignment, replaces: str | None
    ) -> AsyncGenerator[Conversation, None]:
        shown, conversation = float("-inf"), asked
        replying = self.site.reply(to.contender, asked, replaces, to.exposure)
        async with aclosing(replying) as turns:
            async for turn in turns:
                conversation = asked.answered(turn)
                if turn.said and time.monotonic() - shown >= max(BEAT, self.site.breath):
                    yield conversation
                    shown = time.monotonic()
        if conversation.turns[-1].finished:
            conversation = self.site.ahead(to.contender, conversation)
        yield conversation

    async def undo(self, conversation: Conversation | None, visitor: str):
        """The last turn taken back; its row stays, marked."""
        if not conversation or not conversation.turns:
            return gr.skip()
        last = conversation.turns[-1]
        try:
            await asyncio.to_thread(self.site.store.undo_turn, last.id, visitor)
        except Refusals as refusal:
            return self.view(await self._after(refusal, conversation, visitor), busy=False)
        return self.view(conversation.undo(), busy=False, kept=last.prompt)

    async def thumb(self, liked: gr.LikeData, conversation: Conversation | None, visitor: str):
        """A thumb, up or down or taken back, kept with the turn it was given to."""
        if not conversation:
            return
        # Each message on the page belongs to a turn; errors and chips are messages of their own.
        owners = [t for t in conversation.turns for _ in transcript([t], self.shown)]
        index = liked.index[0] if isinstance(liked.index, list | tuple) else liked.index
        value = {True: 1, False: -1}.get(liked.liked)
        try:
            await asyncio.to_thread(self.site.store.feedback, owners[index].id, visitor, value)
        except Refusals as refusal:
            tell(refusal)

    def done(self, conversation: Conversation | None):
        """The box, the ribbon and the buttons when a reply has ended, or none began."""
        return gr.skip() if self._busy(conversation) else self.view(conversation, busy=False)[1:6]

    def settle(self, conversation: Conversation | None):
        """How the page stands after Stop: what was said stays."""
        return self.view(_stopped(conversation), busy=False)

    async def clear(self, conversation: Conversation | None, visitor: str):
        """A new, empty conversation; the old one stays in the database and is not brought back."""
        if conversation is not None:
            try:
                put_away = self.site.store.put_away
                await asyncio.to_thread(put_away, [conversation.id], visitor)
            except Refusals as refusal:
                tell(refusal)
                return gr.skip()
        return self.view(None, busy=False)

    def view(
        self,
        conversation: Conversation | None,
        busy: bool,
        kept: str | None = None,
        asleep: bool = False,
    ) -> tuple:
        """The tab's outputs for a conversation: messages, box, ribbon, buttons, persona, state.

        kept: what stands in the box; without it a sent message leaves it, and else nothing changes.
        asleep: another window is writing this conversation.
        """
        turns = conversation.turns if conversation else ()
        text = "" if busy else kept
        box = gr.update(
            **({} if text is None else {"value": text}),
            interactive=not asleep,
            placeholder=OTHER if asleep else SAY,
            submit_btn=False if busy else "Send",
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
        buttons=["copy"],
        latex_delimiters=[],
        allow_tags=False,
        height=None,
    )
    band = gr.HTML(elem_id="chat-ribbon")
    box = gr.Textbox(
        label="Your message",
        placeholder=SAY,
        submit_btn="Send",
        stop_btn=False,
        elem_id="chat-box",
        interactive=False,
        value="",
        max_lines=6,
    )
    examples = _openers(site)
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
        )
    view = [log, box, band, again, undo, clear, system, conversation]
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    greeted.then(chat.resume, [visitor, preview], view, **quiet)
    lets_in = [*view, replaces]
    asked = box.submit(chat.let_in, [box, system, conversation, visitor, preview], lets_in, **quiet)
    redrawn = again.click(chat.regenerate, [conversation, visitor], lets_in, **quiet)
    replies = [
        event.then(
            chat.reply,
            [conversation, replaces, visitor, preview],
            [log, conversation],
            concurrency_id="replies",
            **quiet,
        )
        for event in (asked, redrawn)
    ]
    for event in replies:
        event.then(chat.done, conversation, view[1:6], queue=False, **quiet)
    box.stop(None, cancels=replies, **quiet).then(chat.settle, conversation, view, **quiet)
    undo.click(chat.undo, [conversation, visitor], view, **quiet)
    clear.click(chat.clear, [conversation, visitor], view, **quiet)
    log.like(chat.thumb, [conversation, visitor], None, **quiet)
    for button in examples:
        button.click(lambda text=button.value: text, None, box, **quiet)


def _openers(site: Site) -> list[gr.Button]:
    with gr.Row(elem_classes="openers"):
        return [gr.Button(text, size="sm") for text in site.roster.openers]
