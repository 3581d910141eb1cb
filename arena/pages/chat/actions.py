"""What visitors do at a message of a chat: draw its reply anew, edit it, take it back, rate it."""

import asyncio
from dataclasses import dataclass, replace

import gradio as gr

from arena.models import Refused
from arena.pages.chat.events import ChatEvents
from arena.pages.chat.page_view import chat_listener
from arena.pages.chat.replies import store_message
from arena.pages.chat.thumb_reasons import offered
from arena.pages.chat.view import ChatOutputs, mark_stopped
from arena.pages.language import texts_of
from arena.pages.listener import Event
from arena.pages.messages import can_send
from arena.pages.visitor import check_message
from arena.site.recording import give_feedback
from blend.conversation import Conversation, Turn

BACK = "back"


@dataclass(frozen=True, slots=True)
class Said:
    """What the browser says of a press at a message. All of it is a claim.

    turn: the id of the message's turn. liked: true for a thumb up, or for a reason that is given.
    text: the message as edited. detail: the reason for the thumb; of a thumb, BACK where it is
    taken back.
    """

    turn: object
    liked: object = None
    text: object = None
    detail: object = None


class MessageActions:
    """Listeners at a message; the turn counts only where the visitor's own chat has it."""

    def __init__(self, events: ChatEvents):
        self.events = events
        self.site = events.site
        self.load, self.reload, self.outputs = events.load, events.reload, events.outputs
        self.views = events.views

    @chat_listener(None, "", sends=True)
    async def retry(self, event: Event[Conversation], said: Said, preview: str = "") -> tuple:
        """Accept the last message once more: its reply is drawn anew.

        Last come the turn that the new reply replaces, and no text for the box.
        """
        conversation = mark_stopped(event.state)
        if not self._may_send(event, conversation):
            return gr.skip()
        self._position(conversation, said.turn, last=True)
        await check_message(self.site, event.visitor, event.request)
        pending, replaced = conversation.regenerate(), conversation.turns[-1].id
        to = await self.events.partner(pending, event.visitor, event.request, preview)
        await asyncio.to_thread(store_message, self.site, pending, event.visitor, to, replaced)
        return *self.outputs(pending, event.request, busy=True), replaced, ""

    @chat_listener(None, "", sends=True)
    async def edit(self, event: Event[Conversation], said: Said, preview: str = "") -> tuple:
        """Accept another text in the place of a message. It and all after it are taken back."""
        conversation, visitor = mark_stopped(event.state), event.visitor
        if not self._may_send(event, conversation):
            return gr.skip()
        position = self._position(conversation, said.turn)
        text = said.text if isinstance(said.text, str) else ""
        await check_message(self.site, visitor, event.request, text)
        kept = replace(conversation, turns=conversation.turns[:position], drawn=None)
        pending = kept.ask(text, self.site.settings.longest_message)
        to = await self.events.partner(pending, visitor, event.request, preview)
        await self.events.check_length(pending, to)
        undone = [each.id for each in conversation.turns[position:]]
        message = (self.site, pending, visitor, to, None, undone)
        await asyncio.to_thread(store_message, *message)
        return *self.outputs(pending, event.request, busy=True), None, ""

    @chat_listener("", sends=True)
    async def undo(self, event: Event[Conversation], said: Said, preview: str = "") -> tuple:
        """The last turn taken back; its row stays, marked. Last comes its text, for the box."""
        conversation = mark_stopped(event.state)
        if not self._free(event, conversation):
            return gr.skip()
        self._position(conversation, said.turn, last=True)
        last = conversation.turns[-1]
        await asyncio.to_thread(self.site.store.conversations.undo_turn, last.id, event.visitor)
        return *self.outputs(conversation.undo(), event.request), last.prompt

    @chat_listener()
    async def thumb(self, event: Event[Conversation], said: Said, preview: str = "") -> tuple:
        """A thumb, up or down, kept with its turn, or taken back."""
        if (place := self._rateable(event, said)) is None:
            return gr.skip()
        conversation, position = place
        rated = conversation.turns[position]
        new = None if said.detail == BACK else 1 if said.liked else -1
        await asyncio.to_thread(give_feedback, self.site.store, rated.id, event.visitor, new)
        rated = replace(rated, feedback=new, feedback_reasons=())
        return self._rated(event, conversation, position, rated)

    @chat_listener()
    async def reason(self, event: Event[Conversation], said: Said, preview: str = "") -> tuple:
        """A reason for a thumb, given or taken back, and kept with it."""
        if (place := self._rateable(event, said)) is None:
            return gr.skip()
        conversation, position = place
        rated = conversation.turns[position]
        if said.detail not in offered(self.site.roster.reasons, rated):
            raise Refused("refusals.no_reason")
        set_reason = self.site.store.conversations.set_feedback_reason
        act = (rated.id, event.visitor, rated.feedback, said.detail, said.liked)
        rated = replace(rated, feedback_reasons=await asyncio.to_thread(set_reason, *act))
        return self._rated(event, conversation, position, rated)

    def _rateable(self, event: Event, said: Said) -> tuple[Conversation, int] | None:
        """The chat and where the turn of the thumb is; None where nothing can be rated now."""
        conversation = mark_stopped(event.state)
        if type(said.liked) is not bool or not self._free(event, conversation):
            return None
        return conversation, self._position(conversation, said.turn)

    def _rated(
        self, event: Event, conversation: Conversation, position: int, rated: Turn
    ) -> ChatOutputs:
        """The page with a turn as it is rated now, and the reasons for that."""
        turns = list(conversation.turns)
        turns[position] = rated
        view = self.outputs(replace(conversation, turns=tuple(turns)), event.request)
        look = self.events.look_for(event.request)
        return view._replace(log=look.messages(turns, unfolded=rated.id))

    def _may_send(self, event: Event, conversation: Conversation | None) -> bool:
        ready = can_send(self.site, event.visitor, texts_of(event.request))
        return ready and self._free(event, conversation)

    def _free(self, event: Event, conversation: Conversation | None) -> bool:
        """Whether there is a chat at rest; says why not where its reply is being written."""
        if conversation is None or not conversation.turns:
            return False
        if self.events.busy(conversation):
            gr.Warning(texts_of(event.request)("chat.busy_action"))
            return False
        return True

    def _position(self, conversation: Conversation, turn: object, last: bool = False) -> int:
        """Where the turn is in the chat. Raises Refused where it is not, or not the last one."""
        ids = [each.id for each in conversation.turns]
        if turn not in (ids[-1:] if last else ids):
            raise Refused("refusals.elsewhere")
        return ids.index(turn)
