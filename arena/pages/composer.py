"""The box that a message is typed in: a text leaves it only when it was let in."""

import json
from collections.abc import Callable, Iterable, Sequence

import gradio as gr

QUIET = {"api_visibility": "private", "show_progress": "hidden"}


class Composer:
    """A text box, and the two texts by which listeners change what stands in it.

    A listener never sets the box's value: the visitor may have typed on meanwhile. It puts what it
    has let in into `outgoing`, what it gives back into `incoming`; the browser makes the change.
    Drafts are kept in the browser, for this tab, over a reload (see assets/page.js).
    """

    def __init__(self, elem_id: str, sent: bool = False, **options):
        """elem_id: the box's, and the name of its draft. sent: whether a message counts as a draft
        until it is answered."""
        self.name = elem_id
        self._sent = sent
        self.box = gr.Textbox(value="", interactive=False, max_lines=6, elem_id=elem_id, **options)
        self.outgoing = gr.Textbox(visible=False)
        self.incoming = gr.Textbox(visible=False)

    def restore_after(self, event: gr.events.Dependency) -> gr.events.Dependency:
        """Bring back the draft of before a reload."""
        return restore_after(event, self.name, self.box)

    def return_after(self, event: gr.events.Dependency) -> gr.events.Dependency:
        """Bring back a message that was sent before a reload, unless it is in `outgoing`: then it
        is answered by now."""
        both = [self.box, self.outgoing]
        back = f"(text, answered) => composer.giveSentBack('{self.name}', text, answered)"
        return event.then(None, both, both, js=back, **QUIET)

    def clear_after(self, event: gr.events.Dependency) -> gr.events.Dependency:
        """Let what is in `outgoing` leave the box."""
        both, keeps_sent = [self.box, self.outgoing], str(self._sent).lower()
        take = f"(text, outgoing) => composer.take('{self.name}', text, outgoing, {keeps_sent})"
        return event.then(None, both, both, js=take, **QUIET)

    def insert_after(self, event: gr.events.Dependency) -> gr.events.Dependency:
        """Put what is in `incoming` into the box, before what stands there."""
        both = [self.box, self.incoming]
        give = f"(text, incoming) => composer.giveBack('{self.name}', text, incoming)"
        return event.then(None, both, both, js=give, **QUIET)

    def focus_after(self, event: gr.events.Dependency) -> None:
        """Move the focus into the box."""
        event.then(None, None, None, js=f"() => focusOn('#{self.box.elem_id} textarea')", **QUIET)

    def openers(self, texts: Sequence[str]) -> list[gr.Button]:
        """A button for each example, which puts it into the box, after what stands there."""
        with gr.Row(elem_classes="openers"):
            buttons = [gr.Button(text, size="sm") for text in texts]
        for button, text in zip(buttons, texts, strict=True):
            put = f"composer.keep('{self.name}', composer.join(text, {json.dumps(text)}))"
            chosen = button.click(None, self.box, self.box, js=f"(text) => {put}", **QUIET)
            self.focus_after(chosen)
        return buttons


def cancel_on(trigger: Callable, events: Iterable[gr.events.Dependency]) -> None:
    """Cancel each of the events that runs when something is triggered, such as a button's click.

    Each by a listener of its own: of one listener's events Gradio's page cancels one after the
    other, waits for the server in between, and would cancel what has begun meanwhile.
    """
    for event in events:
        trigger(None, cancels=[event], **QUIET)


def restore_after(event: gr.events.Dependency, name: str, box: gr.Textbox) -> gr.events.Dependency:
    """Bring back what was typed into a box before a reload, where nothing else stands there.

    name: of the draft; the box's elem_id is in assets/page.js, which keeps it.
    """
    return event.then(None, box, box, js=f"(text) => composer.restore('{name}', text)", **QUIET)
