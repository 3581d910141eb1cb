"""How a chat looks at any time: a conversation becomes what stands in the page's components."""

from dataclasses import replace

import gradio as gr

from arena.pages.appearance import ribbon, transcript
from arena.pages.templates import sentence
from blend.conversation import Conversation
from blend.roster import Roster


def chat_view(
    roster: Roster | None,
    conversation: Conversation | None,
    busy: bool = False,
    asleep: bool = False,
) -> tuple:
    """The page's outputs for a conversation: messages, box, ribbon, buttons, persona, which one it
    is, state.

    roster: None where nothing may tell who writes. busy: this window waits for the reply. asleep:
    another window is writing this conversation.
    """
    turns = conversation.turns if conversation else ()
    box = gr.update(
        interactive=True,
        placeholder=sentence("chat.elsewhere" if asleep else "chat.say"),
        submit_btn=False if busy or asleep else "Send",
        stop_btn="Stop" if busy else False,
    )
    can = gr.update(interactive=bool(turns) and not (busy or asleep))
    return (
        transcript(turns, roster),
        box,
        ribbon(roster, conversation) if conversation and roster else "",
        *(can, can, can),
        gr.update(interactive=conversation is None),
        conversation.id if conversation else "",
        conversation,
    )


def mark_stopped(conversation: Conversation | None) -> Conversation | None:
    """The conversation, its last reply marked as stopped where nothing else tells of its end."""
    if conversation is None or not conversation.turns or conversation.turns[-1].finished:
        return conversation
    last = conversation.turns[-1]
    return conversation.answered(
        last if last.has_reply or last.error else replace(last, error="Stopped.")
    )


def awaits_reply(conversation: Conversation | None) -> bool:
    """Whether its last message has had no reply, nor the beginning of one."""
    if not conversation or not conversation.turns:
        return False
    last = conversation.turns[-1]
    return last.draw is None and last.error is None
