"""The side bar with the visitor's own chats, beside the chat: components and their wiring."""

import gradio as gr

from arena.db.repositories.history import LONGEST_SEARCH
from arena.pages.chat.direct import connect_partner, place_partner
from arena.pages.chat.history.events import HistoryEvents
from arena.pages.chat.page import ChatView
from arena.pages.composer import QUIET, cancel_on, restore_after
from arena.pages.language import label
from arena.pages.shell import Shell
from arena.site.site import Site

EVENTS = ["leave", "open", "more", "find", "rename", "remove", "export"]
CONNECT = f"chats.connect(element, trigger, watch, {EVENTS})"
"""What the list runs once it is there; assets/page.js is what can be pressed in it. It also tells
of the search box: Gradio's own `input` is an event of pressed keys, and misses what is pasted."""

SHOW, SHOW_FIRST = "(id) => chats.show(id)", "(id) => chats.show(id, false)"
"""The address and the mark in the list become those of the chat that is shown; the one that a page
begins with is no step for "back"."""
ARRIVE = "(id) => chats.arrive(id)"
OPENED = "(id) => id ? chats.arrive(id) : chats.show(id)"
"""They are already: what comes late gives way to what was chosen after it. One that is gone cannot
be opened."""


def build(site: Site, shell: Shell, chat: ChatView) -> None:
    """The side bar, and a button for it and one for a new chat above the conversation."""
    events = HistoryEvents(site, chat.events)
    listed = gr.State(None)
    clock = gr.Number(0, visible=False)
    name, content = gr.Textbox(visible=False), gr.Textbox(visible=False)
    with chat.above:
        gr.Button(label("history.chats"), size="sm", elem_id="history-toggle")
        new = gr.Button(label("history.new"), size="sm", elem_id="new-chat")
        partner = place_partner(site)
    with gr.Sidebar(label("history.label"), open=False, width=300, elem_id="history"):
        search = gr.Textbox(
            label=label("history.search"),
            placeholder=label("history.search"),
            show_label=False,
            container=False,
            max_length=LONGEST_SEARCH,
            elem_id="history-search",
        )
        chats = gr.HTML(elem_id="history-list", js_on_load=CONNECT, apply_default_css=False)
    talk, visitor, shown = chat.page
    inputs = [listed, talk, visitor, shown, search, shell.preview, clock]
    outputs = [listed, chats]
    chat.resumed.then(None, None, clock, js="() => new Date().getTimezoneOffset()", **QUIET).then(
        events.show, inputs, outputs, **QUIET
    )
    chats.find(events.show, inputs, outputs, trigger_mode="always_last", **QUIET)
    # One after the other: each begins with the list that the one before has left.
    in_turn = QUIET | {"concurrency_id": "chats", "concurrency_limit": 1}
    several = {"trigger_mode": "multiple"}
    chats.more(events.extend, inputs, outputs, **in_turn)
    chats.rename(events.rename, inputs, outputs, **in_turn, **several)
    chats.remove(events.delete, inputs, outputs, **in_turn, **several)
    chats.export(events.export, inputs[:4], [name, content], **QUIET, **several).then(
        None, [name, content], None, js="(name, text) => chats.save(name, text)", **QUIET
    )
    for event in (*chat.accepted, chat.acts[0]):
        event.then(events.renew, inputs, outputs, **in_turn)
    # What is chosen counts at once: until it is there, nothing is done in the chat that was left.
    chosen = chats.open(None, None, shown, js="() => chats.current", **QUIET)
    # Of several quick choices the last one is shown.
    if events.stored:
        opened = chosen.then(chat.events.open, [visitor, shown], chat.outputs, **QUIET, **several)
    else:
        left = chosen.then(events.leave, inputs, outputs, **in_turn, **several)
        opened = left.then(events.reopen, [listed, shown], chat.outputs, **QUIET, **several)
    # What is being written here stops before anything else shows. The list tells of it by an event
    # of its own: Gradio's page cancels what runs as an event comes, and waits for the server.
    for leave in (chats.leave, new.click):
        cancel_on(leave, chat.replies)
    renewed = new.click(None, None, shown, js="() => (chats.show(''), '')", **QUIET)
    if not events.stored:
        renewed = renewed.then(events.leave, inputs, outputs, **in_turn)
    begun = renewed.then(chat.events.clear, None, chat.outputs, **QUIET)
    chat.resumed.then(None, shown, None, js=SHOW_FIRST, **QUIET)
    opened.then(None, shown, None, js=OPENED, **QUIET)
    for event in (begun, *chat.acts):
        event.then(None, shown, None, js=ARRIVE, **QUIET)
    for event in (*chat.accepted, *chat.done):
        event.then(None, shown, None, js=SHOW, **QUIET)
    begun.then(None, None, None, js="() => focusOn('#chat-box textarea')", **QUIET)
    restore_after(begun, "chat-persona", chat.persona)
    shown_after = [chat.resumed, opened, begun]
    connect_partner(site, partner, chat.page, shown_after)
