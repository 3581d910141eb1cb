"""The about page: what is stored and why, how to delete it, how it works, and what runs here."""

import asyncio
import os

import gradio as gr

from arena.pages.about import text as about_text
from arena.pages.composer import QUIET
from arena.pages.language import label, texts_of
from arena.pages.messages import Refusals, show_error, show_warning
from arena.pages.publication.notice import place_notice
from arena.pages.shell import Shell
from arena.pages.templates import html_table, prose
from arena.pages.visitor import account
from arena.site.site import Site
from arena.texts import Texts
from blend.conversation import new_id


class AboutEvents:
    """The page's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site

    def show(self, visitor: str | None, request: gr.Request):
        """What changes while the site runs, what is this visitor's own, and all long texts."""
        texts = texts_of(request)
        return (
            about_text.storage(self.site, os.environ, texts),
            prose("methods.md", texts),
            _block(about_text.program(self.site, self.site.address(request.headers))),
            about_text.machine(self.site, os.environ, texts),
            _table("roster", about_text.members(self.site, texts), texts),
            _table("settings", about_text.in_force(self.site.settings, texts), texts),
            visitor or "",
        )

    async def forget(
        self, target: str, sure: bool, visitor: str | None, request: gr.Request | None = None
    ):
        """Delete all that is stored under an id. The outputs: what came of it, the box, the id."""
        target, texts = (target or "").strip(), texts_of(request)
        if not target or not sure:
            show_warning(texts("about.not_sure" if target else "about.no_id"))
            return gr.skip()
        try:
            self.site.guard.check_account(target, account(self.site, request))
            published, deleted = await asyncio.to_thread(self._erase, target)
        except Refusals as refusal:
            show_error(refusal, texts)
            return gr.skip()
        message = texts("about.deleted" if deleted else "about.nobody")
        if deleted and published:
            message += f"\n\n{texts('about.published', n=published)}"
        visitor = new_id() if deleted and target == visitor else visitor
        return message, gr.update(value=False), visitor

    def _erase(self, target: str) -> tuple[int, bool]:
        """How many of their conversations were published, and whether there was anything."""
        published = self.site.store.publication.published_by(target)
        return published, self.site.store.erasure.erase_visitor(target)


def _table(name: str, rows: list[list[str]], texts: Texts) -> str:
    heads = [texts(f"about.{name}_{n}") for n in range(1, 5)]
    return html_table(texts(f"about.{name}"), heads, rows, texts)


def _block(code: str) -> str:
    return f"```shell\n{code}\n```" if code else ""


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners."""
    page = AboutEvents(site)
    with gr.Column(elem_classes="reading"):
        _head("stored_head")
        stored = gr.Markdown(label("page.reading"), elem_id="about-stored")
        place_notice(site, shell)
        target, sure, go, message, own = _deletion()
        _head("methods_head")
        methods = gr.Markdown(elem_classes="about")
        _head("program_head")
        gr.Markdown(label("about.no_programs" if site.settings.api == "off" else "about.programs"))
        code = gr.Markdown(elem_id="about-program")
        _head("running_head")
        running = gr.Markdown(elem_id="about-running")
        roster = gr.HTML(padding=False)
        with gr.Accordion(label("about.settings"), open=False):
            settings = gr.HTML(padding=False)
    shown = [stored, methods, code, running, roster, settings, own]
    shell.greeted.then(page.show, shell.visitor, shown, **QUIET)
    asked, came = [target, sure, shell.visitor], [message, sure, shell.visitor]
    gone = go.click(page.forget, asked, came, **QUIET)
    gone.then(None, None, None, js="() => forgetFirstVisit()", **QUIET)


def _head(name: str) -> None:
    gr.Markdown(f"## {label(f'about.{name}')}", elem_classes="about")


def _deletion() -> tuple:
    """Which id is this browser's, and the form that deletes all that is stored under one."""
    _head("delete_head")
    gr.Markdown(label("about.whoever"))
    own = gr.Textbox(
        label=label("about.own"),
        interactive=False,
        buttons=["copy"],
        elem_id="about-own",
    )
    target = gr.Textbox(
        label=label("about.target"),
        placeholder=label("about.paste"),
        max_lines=1,
        elem_id="about-wanted",
    )
    with gr.Row(equal_height=True):
        sure = gr.Checkbox(label=label("about.sure"), elem_id="about-sure")
        go = gr.Button(
            label("about.delete"),
            variant="stop",
            scale=0,
            min_width=140,
            elem_id="about-delete",
        )
    message = gr.Markdown(elem_id="about-came")
    return target, sure, go, message, own
