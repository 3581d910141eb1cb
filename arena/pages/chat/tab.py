"""The chat tab: one conversation with Blended, in which one sees who wrote which reply."""

import gradio as gr

from arena.pages.chat.events import ChatEvents
from arena.pages.composer import QUIET, Composer, restore_after
from arena.pages.templates import sentence
from arena.site.site import Site


def build(
    site: Site, visitor: gr.BrowserState, preview: gr.State, visitor_event: gr.events.Dependency
) -> None:
    """The tab's components and their wiring. The box sleeps until the visitor is known.

    preview: the contender that the host looks at, empty for everybody else.
    """
    events = ChatEvents(site)
    blind = events.roster is None
    conversation, replaces = gr.State(None), gr.State(None)
    log = gr.Chatbot(
        label="Conversation" if blind else f"Conversation with {site.roster.focus}",
        elem_id="chat-log",
        placeholder=sentence("chat.blind" if blind else "chat.empty"),
        buttons=[],
        height=None,
    )
    band = gr.HTML(elem_id="chat-ribbon")
    composer = Composer(
        label="Your message",
        placeholder=sentence("chat.say"),
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
    view = [log, composer.box, band, again, undo, clear, system, shown, conversation]
    page = [conversation, visitor, shown]
    resume_event = visitor_event.then(events.resume, [visitor, preview], view, **QUIET)
    composer.restore_after(resume_event)
    restore_after(resume_event, "chat-persona", system)
    lets_in = [*view, replaces, composer.outgoing]
    message = [*page, composer.box, system, preview]
    send_event = composer.box.submit(events.send, message, lets_in, **QUIET)
    retry_event = again.click(events.regenerate, [*page, preview], lets_in, **QUIET)
    waiting, growing = [*page, replaces, preview], [log, conversation]
    replies = [
        event.then(events.reply, waiting, growing, concurrency_id="replies", **QUIET)
        for event in (send_event, retry_event)
    ]
    composer.clear_after(send_event)
    for event in replies:
        event.then(events.done, page, view[1:6], queue=False, **QUIET)
    composer.box.stop(None, cancels=replies, **QUIET).then(events.stop, page, view, **QUIET)
    undo_event = undo.click(events.undo, page, [*view, composer.incoming], **QUIET)
    composer.focus_after(composer.insert_after(undo_event))
    clear.click(events.clear, page, view, **QUIET)
    log.like(_thumb(events), page, view, **QUIET)


def _thumb(events: ChatEvents):
    async def thumb(conversation, visitor, shown, liked: gr.LikeData):
        index = liked.index[0] if isinstance(liked.index, list | tuple) else liked.index
        return await events.thumb(conversation, visitor, shown, None, index, liked.liked)

    return thumb
