"""The notice that conversations may be published, and the switch that keeps a visitor's private.

It stands before the first message of a chat or a battle, and on the About page. What the switch
says goes with the first message: a page that never showed it says nothing, and then no conversation
may be published.
"""

import asyncio

import gradio as gr

from arena.models import Refused
from arena.pages.composer import QUIET
from arena.pages.language import label, texts_of
from arena.pages.messages import Refusals, show_error
from arena.pages.shell import Shell
from arena.pages.visitor import account, address
from arena.site.identity import is_visitor_id
from arena.site.recording import register_visitor
from arena.site.site import Site


def place_notice(site: Site, shell: Shell) -> list[gr.Checkbox]:
    """Make both where this is called; the switch, or nothing where conversations stay here."""
    if not site.settings.publish:
        return []
    events = NoticeEvents(site)
    with gr.Row(elem_classes="publication"):
        gr.Markdown(label("publication.notice"), elem_classes="publication-notice")
        switch = gr.Checkbox(
            label=label("publication.private"),
            value=False,
            interactive=False,
            container=False,
            min_width=0,
            elem_classes="publication-private",
        )
    shell.greeted.then(events.show, shell.visitor, switch, **QUIET)
    # Of several quick clicks the last one counts.
    kept = [events.keep, [switch, shell.visitor], switch]
    switch.input(*kept, trigger_mode="always_last", **QUIET)
    return [switch]


def is_offered(site: Site, private: object) -> bool:
    """Whether a conversation that begins now may be published. private: what the page's switch
    says, which is a claim: only a plain no to "keep mine private" is a yes."""
    return site.settings.publish and private is False


class NoticeEvents:
    """The switch's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site

    async def show(self, visitor: str | None, request: gr.Request | None = None) -> dict:
        """The switch as this visitor set it last, awake from now on."""
        private = False
        try:
            if is_visitor_id(visitor):
                self.site.guard.check_account(visitor, account(self.site, request))
                private = await asyncio.to_thread(self.site.store.publication.is_private, visitor)
        except Refusals as refusal:
            show_error(refusal, texts_of(request), "page.unread")
        return gr.update(value=private, interactive=True)

    async def keep(
        self, private: bool, visitor: str | None, request: gr.Request | None = None
    ) -> dict:
        """Keep all of the visitor's conversations private, or no more; the switch as it is then."""
        try:
            if not is_visitor_id(visitor):
                raise Refused("page.starting")
            self.site.guard.check_account(visitor, account(self.site, request))
            await asyncio.to_thread(self._store, visitor, private is True, request)
        except Refusals as refusal:
            show_error(refusal, texts_of(request))
            return gr.update(value=private is not True)
        return gr.skip()

    def _store(self, visitor: str, private: bool, request: gr.Request | None) -> None:
        store = self.site.store
        with store.database.transaction():
            register_visitor(store, visitor, address(self.site, request))
            store.publication.set_private(visitor, private)
