"""The chat tab: one conversation with Blended, in which one sees who wrote which reply."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import gradio as gr

from arena.assignment import Assignment
from arena.site import Site
from arena.tabs.look import ribbon, transcript
from arena.tabs.refusal import Refusals, may_speak, tell
from blend.conversation import Conversation, checked

BEAT = 0.08
"""Seconds between two renewals of the page while a reply streams."""

EMPTY = (
    "### Several small models, one conversation\n"
    "Each reply is written by a member drawn at random, and every member sees the whole chat. "
    "The chip under a reply tells who it was."
)

BLIND = (
    "### A conversation\n"
    "Just talk. A comparison is going on: who writes the replies is not shown while it lasts."
)


class Chat:
    """The tab's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site
        # During an experiment nothing tells who writes: not the arm, and not the arm's members.
        self.shown = None if site.roster.experiment else site.roster

    async def send(
        self,
        text: str,
        system: str,
        conversation: Conversation | None,
        visitor: str | None,
        preview: str = "",
    ) -> AsyncGenerator[tuple, None]:
        """The visitor's message asked and answered; bad input leaves everything as it was."""
        if not may_speak(self.site, visitor):
            yield gr.skip()
            return
        try:
            to = self.site.assigned(visitor, preview)
            asked = await self._asked(text, system, conversation, visitor, to)
            async with aclosing(self._answer(asked, to)) as views:
                async for view in views:
                    yield view
        except Refusals as refusal:
            tell(refusal)
            yield self.view(conversation, busy=False, kept=text)

    async def regenerate(
        self, conversation: Conversation | None, visitor: str | None, preview: str = ""
    ) -> AsyncGenerator[tuple, None]:
        """The last reply drawn anew: perhaps another member's."""
        if not may_speak(self.site, visitor) or not conversation or not conversation.turns:
            yield gr.skip()
            return
        old = conversation.turns[-1].id
        try:
            to = self.site.assigned(visitor, preview)
            async with aclosing(self._answer(conversation.regenerate(), to, old)) as views:
                async for view in views:
                    yield view
        except Refusals as refusal:
            tell(refusal)
            yield self.view(conversation, busy=False)

    async def _asked(
        self,
        text: str,
        system: str,
        conversation: Conversation | None,
        visitor: str,
        to: Assignment,
    ) -> Conversation:
        """The conversation with the message in it, opened in the database where it is new."""
        longest = self.site.settings.longest_message
        if conversation is not None:
            return conversation.ask(text, longest)
        asked = Conversation(system=checked(system, longest) if system else "").ask(text, longest)
        store, contender = self.site.store, self.site.contender_id(to.contender)
        await asyncio.to_thread(store.visitor, visitor)
        await asyncio.to_thread(
            store.open_conversation, asked, visitor, contender, "chat", to.preview
        )
        return asked

    async def _answer(
        self, asked: Conversation, to: Assignment, replaces: str | None = None
    ) -> AsyncGenerator[tuple, None]:
        yield self.view(asked, busy=True)
        shown = time.monotonic()
        conversation = asked
        replying = self.site.reply(to.contender, asked, replaces, to.exposure)
        async with aclosing(replying) as turns:
            async for turn in turns:
                conversation = asked.answered(turn)
                if time.monotonic() - shown >= BEAT:
                    yield self.view(conversation, busy=True)
                    shown = time.monotonic()
        if conversation.turns[-1].finished:
            conversation = self.site.ahead(to.contender, conversation)
        yield self.view(conversation, busy=False)

    async def undo(self, conversation: Conversation | None, visitor: str):
        """The last turn taken back; its row stays, marked."""
        if not conversation or not conversation.turns:
            return gr.skip()
        last = conversation.turns[-1]
        try:
            await asyncio.to_thread(self.site.store.undo_turn, last.id, visitor)
        except Refusals as refusal:
            tell(refusal)
            return gr.skip()
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

    def settle(self, conversation: Conversation | None):
        """How the page stands after Stop: what was said stays."""
        if conversation and not conversation.turns[-1].finished:
            last = conversation.turns[-1]
            stopped = last if last.said or last.error else replace(last, error="Stopped.")
            conversation = conversation.answered(stopped)
        return self.view(conversation, busy=False)

    def clear(self):
        """A new, empty conversation; the old one stays in the database."""
        return self.view(None, busy=False)

    def view(self, conversation: Conversation | None, busy: bool, kept: str | None = None) -> tuple:
        """The tab's outputs for a conversation: messages, box, ribbon, buttons, persona, state.

        kept: what stands in the box; without it a sent message leaves it, and else nothing changes.
        """
        turns = conversation.turns if conversation else ()
        text = "" if busy else kept
        box = gr.update(
            **({} if text is None else {"value": text}),
            submit_btn=False if busy else "Send",
            stop_btn="Stop" if busy else False,
        )
        can = gr.update(interactive=bool(turns) and not busy)
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


def build(site: Site, visitor: gr.BrowserState, preview: gr.State) -> gr.Textbox:
    """The tab's components and their wiring. Returns the box, asleep until the page wakes it.

    preview: the contender that the host looks at, empty for everybody else.
    """
    chat = Chat(site)
    conversation = gr.State(None)
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
        placeholder="Say something…",
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
    replies = quiet | {"concurrency_id": "replies"}
    asked = [box, system, conversation, visitor, preview]
    sent = box.submit(chat.send, asked, view, **replies)
    redone = again.click(chat.regenerate, [conversation, visitor, preview], view, **replies)
    box.stop(None, cancels=[sent, redone], **quiet).then(chat.settle, conversation, view, **quiet)
    undo.click(chat.undo, [conversation, visitor], view, **quiet)
    clear.click(chat.clear, None, view, **quiet)
    log.like(chat.thumb, [conversation, visitor], None, **quiet)
    for button in examples:
        button.click(lambda text=button.value: text, None, box, **quiet)
    return box


def _openers(site: Site) -> list[gr.Button]:
    with gr.Row(elem_classes="openers"):
        return [gr.Button(text, size="sm") for text in site.roster.openers]
