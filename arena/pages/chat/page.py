"""The chat page: one conversation with Blended, in which one sees who wrote which reply."""

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from arena.pages.chat.events import ChatEvents
from arena.pages.composer import QUIET, Composer, restore_after
from arena.pages.shell import Shell
from arena.pages.templates import sentence
from arena.site.site import Site


@dataclass(frozen=True, slots=True)
class ChatView:
    """What other parts of the page need of the chat beside them: to open one, or to begin anew.

    above: the row over the conversation, empty here. page: the inputs of every listener: the state,
    the visitor's id, the id of the chat that is shown. outputs: what `ChatEvents.outputs` fills.
    replies: the events that stream. resumed: after it the page shows the chat that it opened with.
    """

    events: ChatEvents
    above: gr.Row
    page: list[gr.components.Component]
    outputs: list[gr.components.Component]
    replies: list[gr.events.Dependency]
    resumed: gr.events.Dependency

    def open_on(
        self, trigger: Callable[..., gr.events.Dependency], id: gr.components.Component
    ) -> gr.events.Dependency:
        """Show another chat of the visitor's at this event; what is being written here is stopped.

        trigger: like `button.click`. id: the component that holds the chat's id.
        """
        stopped = trigger(None, cancels=self.replies, **QUIET)
        return stopped.then(self.events.open, [*self.page, id], self.outputs, **QUIET)

    def renew_on(self, trigger: Callable[..., gr.events.Dependency]) -> gr.events.Dependency:
        """Begin a new chat at this event; what is being written here is stopped."""
        stopped = trigger(None, cancels=self.replies, **QUIET)
        return stopped.then(self.events.clear, self.page, self.outputs, **QUIET)


def build(site: Site, shell: Shell) -> ChatView:
    """The page's components and their wiring. The box sleeps until the visitor is known."""
    events, visitor, preview = ChatEvents(site), shell.visitor, shell.preview
    blind = events.roster is None
    conversation, replaces = gr.State(None), gr.State(None)
    above = gr.Row(elem_id="chat-above", visible=False)
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
    # The drafts come back first: once the box is awake, a message may be sent before them.
    restored = restore_after(composer.restore_after(shell.greeted), "chat-persona", system)
    resume_event = restored.then(events.resume, [visitor, preview], view, **QUIET)
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
    log.like(_thumb(events), page, view, **QUIET)
    shared = ChatView(events, above, page, view, replies, resume_event)
    shared.renew_on(clear.click)
    return shared


def _thumb(events: ChatEvents):
    async def thumb(conversation, visitor, shown, liked: gr.LikeData):
        index = liked.index[0] if isinstance(liked.index, list | tuple) else liked.index
        return await events.thumb(conversation, visitor, shown, None, index, liked.liked)

    return thumb
