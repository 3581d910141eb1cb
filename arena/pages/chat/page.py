"""The chat page: one conversation with Blended, in which one sees who wrote which reply."""

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from arena.pages.chat.actions import MessageActions, Said
from arena.pages.chat.events import ChatEvents
from arena.pages.chat.view import opener_cards
from arena.pages.composer import QUIET, Composer, cancel_on, restore_after
from arena.pages.language import label
from arena.pages.publication.notice import place_notice
from arena.pages.shell import Shell
from arena.site.site import Site

EVENTS = ("retry", "edit", "undo", "thumb", "reason", "opener")
"""What is pressed in the conversation, each an event of the component beside it."""

CONNECT = "".join(f"chat.on.{name} = (told) => trigger('{name}', told);" for name in EVENTS)
"""What that component runs when it is there: assets/page.js hands what was pressed on to it."""

PERSONA_SENT = "(id, persona) => { if (id) composer.drop('chat-persona', persona); }"
"""A persona that a chat has is no draft any more: the next chat begins without it."""

EDITED = "(...given) => [...given.slice(0, -1), chat.edited]"
"""What puts an edited message among the values of its event."""


@dataclass(frozen=True, slots=True)
class ChatView:
    """What other parts of the page need of the chat beside them: to open one, or to begin anew.

    above: the row over the conversation. page: the inputs of every listener: the state,
    the visitor's id, the id of the chat that is shown. outputs: what `ChatEvents.outputs` fills.
    persona: its text. accepted: the events by which a message is let in. acts: those at a message
    that is there; the first takes its turn back. replies: those that stream. done: those after
    them. resumed: after it the page shows the chat that it opened with.
    """

    events: ChatEvents
    above: gr.Row
    page: list[gr.components.Component]
    outputs: list[gr.components.Component]
    persona: gr.Textbox
    accepted: list[gr.events.Dependency]
    acts: list[gr.events.Dependency]
    replies: list[gr.events.Dependency]
    done: list[gr.events.Dependency]
    resumed: gr.events.Dependency


def build(site: Site, shell: Shell) -> ChatView:
    """The page's components and their wiring. The box sleeps until the visitor is known."""
    events, visitor, preview = ChatEvents(site), shell.visitor, shell.preview
    conversation, replaces = gr.State(None), gr.State(None)
    shown, edited = gr.Textbox(visible=False), gr.Textbox(visible=False)
    with gr.Column(elem_id="chat"):
        above = gr.Row(elem_id="chat-above")
        log = _log(events.look.invitation)
        cards = opener_cards(site.roster.openers)
        gr.HTML(cards, elem_id="chat-openers", apply_default_css=False)
        band = gr.HTML(elem_id="chat-authors", js_on_load=CONNECT, apply_default_css=False)
        private = place_notice(site, shell)
        with gr.Row(elem_id="chat-bottom"):
            opener = gr.HTML(elem_id="chat-persona-button", apply_default_css=False)
            composer = Composer(
                label=label("chat.message"),
                show_label=False,
                placeholder=label("chat.say"),
                submit_btn=label("chat.send"),
                stop_btn=False,
                elem_id="chat-box",
            )
            system = gr.Textbox(
                label=label("chat.persona_label"),
                value="",
                placeholder=label("chat.persona_example"),
                lines=3,
                elem_id="chat-persona",
            )
    view = [log, composer.box, band, opener, system, shown, conversation]
    page = [conversation, visitor, shown]
    # The drafts come back first: once the box is awake, a message may be sent before them.
    restored = restore_after(composer.restore_after(shell.greeted), "chat-persona", system)
    resumed = restored.then(events.resume, [visitor, preview], view, **QUIET)
    lets_in = [*view, replaces, composer.outgoing]
    message = [*page, composer.box, system, preview, *private]
    claimed = [*page, preview, edited]
    send_event = composer.box.submit(events.send, message, lets_in, **QUIET)
    actions = MessageActions(events)
    accepted = [
        send_event,
        band.opener(_opener(events), [*page, system, preview, *private], lets_in, **QUIET),
        band.retry(_at_message(actions.retry), claimed, lets_in, **QUIET),
        band.edit(_at_message(actions.edit), claimed, lets_in, js=EDITED, **QUIET),
    ]
    waiting, growing = [*page, replaces, preview], [log, conversation]
    replies = [
        event.then(events.reply, waiting, growing, concurrency_id="replies", **QUIET)
        for event in accepted
    ]
    composer.clear_after(send_event)
    for event in accepted:
        event.then(None, [shown, system], None, js=PERSONA_SENT, **QUIET)
    done = [event.then(events.done, page, view, queue=False, **QUIET) for event in replies]
    cancel_on(composer.box.stop, replies)
    composer.box.stop(events.stop, page, view, **QUIET)
    undone = band.undo(_at_message(actions.undo), claimed, [*view, composer.incoming], **QUIET)
    composer.focus_after(composer.insert_after(undone))
    # Several quick presses all count, one after the other: each begins with what the last one left.
    each = QUIET | {"trigger_mode": "multiple", "concurrency_id": "rating", "concurrency_limit": 1}
    rated = [
        band.thumb(_at_message(actions.thumb), claimed, view, **each),
        band.reason(_at_message(actions.reason), claimed, view, **each),
    ]
    for event in rated:
        event.then(None, None, None, js="() => chat.refocus()", **QUIET)
    acts = [undone, *rated]
    return ChatView(events, above, page, view, system, accepted, acts, replies, done, resumed)


def _log(invitation: str) -> gr.Chatbot:
    """The conversation; while it is empty, what is special here, by the name of that text."""
    return gr.Chatbot(
        label=label("chat.label"),
        show_label=False,
        elem_id="chat-log",
        placeholder=label(invitation),
        buttons=[],
        feedback_options=None,
        height=None,
    )


def _opener(events: ChatEvents) -> Callable:
    """An opener is sent at once, as the whole message: a draft in the box stays there."""

    async def send(
        conversation,
        visitor,
        shown,
        system,
        preview,
        request: gr.Request,
        chosen: gr.SelectData,
        private=None,
    ):
        number, openers = chosen.index, events.site.roster.openers
        if type(number) is not int or not 0 <= number < len(openers):
            return gr.skip()
        page = (conversation, visitor, shown, request)
        sent = await events.send(*page, openers[number], system, preview, private)
        return (*sent[:-1], "") if isinstance(sent, tuple) else sent

    return send


def _at_message(act: Callable) -> Callable:
    """A listener of what is done at a message. The event's index is the id of its turn."""

    async def listen(
        conversation, visitor, shown, preview, edited, request: gr.Request, data: gr.LikeData
    ):
        said = Said(data.index, data.liked, edited, data.value)
        return await act(conversation, visitor, shown, request, said, preview)

    return listen
