"""A battle in which something is private: after the vote its visitor keeps it back, for good."""

import asyncio
from collections.abc import Sequence
from html import escape

import gradio as gr

from arena.battle.state import BattleView
from arena.models import Refused
from arena.pages.battle.reader import BattleReader
from arena.pages.composer import QUIET
from arena.pages.language import label
from arena.pages.listener import Event, listener
from arena.pages.visitor import account
from arena.site.site import Site

# The button goes as it is pressed, and the focus with it.
READ = "() => focusOn('#withheld p')"


class WithholdEvents(BattleReader):
    """The button's listeners over one site."""

    def outputs(self, view: BattleView | None, request: gr.Request | None = None) -> tuple:
        """The button where the battle has its vote and may be published, and no note."""
        may = (
            view is not None
            and view.reveal is not None
            and self.site.store.publication.may_publish(view.battle, view.visitor)
        )
        return gr.update(visible=may), ""

    @listener(unstored="page.unread")
    async def show(self, event: Event[BattleView]) -> tuple:
        """How it is after a vote, a reload or a new battle."""
        return await asyncio.to_thread(self.outputs, event.state, event.request)

    @listener()
    async def withhold(self, event: Event[BattleView]) -> tuple:
        """Keep the battle back, and say so."""
        view = event.state
        if view is None:
            return gr.skip()
        if event.visitor != view.visitor:
            raise Refused("refusals.foreign_battle")
        self.site.guard.check_account(event.visitor, account(self.site, event.request))
        keep = self.site.store.publication.withhold
        await asyncio.to_thread(keep, view.battle, event.visitor)
        text = escape(event.texts("publication.withheld"))
        note = f'<p class="note" role="status" tabindex="-1">{text}</p>'
        return gr.update(visible=False), note


def place_withholding(
    site: Site, page: Sequence[gr.components.Component]
) -> tuple[WithholdEvents, list[gr.components.Component]] | None:
    """The button and the note where this is called; None where no battle is published.

    page: what every listener is given: state, visitor, what is shown.
    """
    if not site.settings.publish:
        return None
    events = WithholdEvents(site)
    with gr.Column(elem_id="withholding"):
        button = gr.Button(
            label("publication.withhold"), visible=False, size="sm", elem_id="withhold", min_width=0
        )
        note = gr.HTML(elem_id="withheld", padding=False)
    done = button.click(events.withhold, page, [button, note], **QUIET)
    done.then(None, None, None, js=READ, **QUIET)
    return events, [button, note]


def renew_withholding(
    placed: tuple[WithholdEvents, list[gr.components.Component]] | None,
    page: Sequence[gr.components.Component],
    *after: gr.events.Dependency,
) -> None:
    """Show the button as it is after each of these events, where there is one."""
    if placed is None:
        return
    events, outputs = placed
    for event in after:
        event.then(events.show, page, outputs, **QUIET)
