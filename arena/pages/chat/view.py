"""How a chat looks at any time: a conversation becomes what stands in the page's components."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import gradio as gr

from arena.pages.appearance import STOPPED, transcript
from arena.pages.chat.authors import authors
from arena.pages.chat.message_tools import MessageTools
from arena.texts import ENGLISH, Texts
from blend.conversation import Conversation, Turn
from blend.roster import BlendSpec, Roster


@dataclass(frozen=True, slots=True)
class ChatLook:
    """How the chats of a site look. roster: None where nothing may tell who writes. spec: the
    blend that writes. texts: those of the visitor's language."""

    roster: Roster | None
    spec: BlendSpec
    texts: Texts = ENGLISH

    def messages(self, turns: Sequence[Turn], growing: bool = False) -> list[dict[str, object]]:
        """The turns as Chatbot messages. growing: the last reply is being written."""
        tools = MessageTools(self.roster, self.spec, len(turns), self.texts)
        return transcript(turns, self.texts, self.roster, growing, tools)

    def view(
        self, conversation: Conversation | None, busy: bool = False, asleep: bool = False
    ) -> tuple:
        """The page's outputs for a conversation: messages, box, who wrote what, persona's button
        and text, which one it is, state.

        busy: this window waits for the reply. asleep: another window is writing this conversation.
        """
        turns = conversation.turns if conversation else ()
        box = gr.update(
            interactive=True,
            placeholder=self.texts("chat.elsewhere" if asleep else "chat.say"),
            submit_btn=False if busy or asleep else self.texts("chat.send"),
            stop_btn=self.texts("chat.stop") if busy else False,
        )
        return (
            self.messages(turns, growing=busy or asleep),
            box,
            authors(self.roster, conversation, self.texts),
            persona_button(conversation, self.texts),
            gr.update(interactive=conversation is None),
            conversation.id if conversation else "",
            conversation,
        )


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
