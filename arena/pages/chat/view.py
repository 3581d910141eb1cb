"""How a chat looks at any time: a conversation becomes what stands in the page's components."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, NamedTuple

import gradio as gr

from arena.pages.appearance import STOPPED, transcript
from arena.pages.chat.authors import authors
from arena.pages.chat.message_tools import MessageTools
from arena.pages.templates import literal
from arena.texts import ENGLISH, Texts
from blend.conversation import Conversation, Turn
from blend.roster import Roster
from blend.roster.site.reasons import Reasons

Message = dict[str, object]
"""Of a Chatbot."""

TURNS_APART, TURNS_JOINED = 20, 10
"""So many turns at the end of a chat are messages of their own; so many older ones are one."""


class ChatOutputs(NamedTuple):
    """What stands in the page's components: messages, box, who wrote what, the persona's button and
    its text, which chat it is, the chat itself."""

    log: Any
    box: Any
    authors: str
    persona_button: str
    persona: Any
    shown: str
    state: Conversation | None


@dataclass(frozen=True, slots=True)
class ChatLook:
    """How the chats of a site look. roster: None where nothing may tell who writes. partner: whom
    the visitor chose to talk with; empty where it is everybody's. texts: those of the visitor's
    language. reasons: what may be given for a thumb."""

    roster: Roster | None
    partner: str = ""
    texts: Texts = ENGLISH
    reasons: Reasons = field(default_factory=Reasons)

    def messages(
        self, turns: Sequence[Turn], growing: bool = False, unfolded: str = ""
    ) -> list[Message]:
        """The turns as Chatbot messages. growing: the last reply is being written. unfolded: the id
        of the turn whose reasons for its thumb are open."""
        tools = MessageTools(self.roster, len(turns), self.texts, self.reasons, unfolded)
        return _joined(transcript(turns, self.texts, self.roster, growing, tools), len(turns))

    def growing_after(self, turns: Sequence[Turn]) -> Callable[[Turn], list[Message]]:
        """What makes messages of these turns and of a last one, as it grows. A long chat would take
        the server too long for each piece of a reply: only the last turn is made anew."""
        last = len(turns) + 1
        tools = MessageTools(self.roster, last, self.texts, self.reasons)
        before = _joined(transcript(turns, self.texts, self.roster, True, tools), last)

        def show(turn: Turn) -> list[Message]:
            return [*before, *transcript([turn], self.texts, self.roster, True, tools, last)]

        return show

    @property
    def invitation(self) -> str:
        """The name of what a new chat with everybody's partner says of itself."""
        if self.roster is None:
            return "chat.blind"
        focus = next(each for each in self.roster.blends if each.name == self.roster.focus)
        return "chat.empty_panel" if focus.judge else "chat.empty"

    def empty(self, missing: str = "") -> dict[str, object]:
        """No messages, and what a new chat says of itself. missing: the name of the text that tells
        why it is not the chat that was wanted."""
        if missing:
            text = self.texts(missing)
        elif self.roster is not None and self.partner:
            text = self.texts("chat.empty_with", name=literal(self.partner))
        else:
            text = self.texts(self.invitation)
        return gr.update(value=[], placeholder=text)

    def view(
        self, conversation: Conversation | None, busy: bool = False, asleep: bool = False
    ) -> ChatOutputs:
        """The page's outputs for a conversation.

        busy: this window waits for the reply. asleep: another window is writing this conversation.
        """
        turns = conversation.turns if conversation else ()
        box = gr.update(
            interactive=True,
            placeholder=self.texts("chat.elsewhere" if asleep else "chat.say"),
            submit_btn=False if busy or asleep else self.texts("chat.send"),
            stop_btn=self.texts("chat.stop") if busy else False,
        )
        return ChatOutputs(
            self.messages(turns, growing=busy or asleep) if turns else self.empty(),
            box,
            authors(self.roster, conversation, self.texts),
            persona_button(conversation, self.texts),
            gr.update(interactive=conversation is None),
            conversation.id if conversation else "",
            conversation,
        )


def _joined(messages: list[Message], count: int) -> list[Message]:
    """The messages, those of old turns joined, TURNS_JOINED turns to one. count: of turns in all.

    The browser goes through every message for each piece of a reply: with 400 of them it stalls.
    """
    old = max(0, count - TURNS_APART) // TURNS_JOINED * 2 * TURNS_JOINED
    starts = range(0, old, 2 * TURNS_JOINED)
    return [*(_one(messages[at : at + 2 * TURNS_JOINED]) for at in starts), *messages[old:]]


def _one(messages: list[Message]) -> Message:
    """One message of several, each in a row with Gradio's names: they look and count as before."""
    rows = "".join(
        f'<div class="message-row {"user" if each["role"] == "user" else "bot"}-row">'
        f"{each['content']['value']}</div>"
        for each in messages
    )
    html = f'<div class="joined">{rows}</div>'
    return {**messages[-1], "content": {**messages[-1]["content"], "value": html}}


def opener_cards(openers: Sequence[str]) -> str:
    """First messages to choose from. The page shows them under an empty chat only.

    Gradio's Chatbot has `examples` for it: a list of buttons, which is no list to a screen reader.
    """
    cards = "".join(
        f'<button type="button" class="card" data-act="opener" data-index="{n}">{escape(text)}'
        "</button>"
        for n, text in enumerate(openers)
    )
    return f'<div class="cards">{cards}</div>'


def persona_button(conversation: Conversation | None, texts: Texts) -> str:
    """What opens the persona: to set one before the first message, and to read it after that."""
    if conversation is not None and not conversation.system:
        return ""
    name = escape(texts("chat.persona" if conversation is None else "chat.persona_set"))
    return (
        '<button type="button" class="quiet" data-act="persona" aria-expanded="false"'
        f' aria-controls="chat-persona">{name}</button>'
    )


def mark_stopped(conversation: Conversation | None) -> Conversation | None:
    """The conversation, its last reply marked as stopped where nothing else tells of its end."""
    if conversation is None or not conversation.turns or conversation.turns[-1].finished:
        return conversation
    last = conversation.turns[-1]
    return conversation.answered(
        last if last.has_reply or last.error else replace(last, error=STOPPED)
    )


def awaits_reply(conversation: Conversation | None) -> bool:
    """Whether its last message has had no reply, nor the beginning of one."""
    if not conversation or not conversation.turns:
        return False
    last = conversation.turns[-1]
    return last.draw is None and last.error is None
