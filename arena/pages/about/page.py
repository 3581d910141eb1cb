"""The about page: what is stored and why, how to delete it, how it works, and what runs here."""

import asyncio
import os

import gradio as gr

from arena.pages.about import text as about_text
from arena.pages.messages import Refusals, show_error
from arena.pages.shell import Shell
from arena.pages.templates import html_table, render, sentence
from arena.pages.visitor import account
from arena.site.site import Site
from blend.conversation import new_id


class AboutEvents:
    """The page's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site

    def show(self, visitor: str | None, request: gr.Request):
        """What changes while the site runs, and what is this visitor's own."""
        base = self.site.address(request.headers)
        return (
            about_text.storage(self.site, os.environ),
            about_text.machine(self.site, os.environ),
            _block(about_text.program(self.site, base)),
            visitor or "",
        )

    async def forget(
        self, target: str, sure: bool, visitor: str | None, request: gr.Request | None = None
    ):
        """Delete all that is stored under an id. The outputs: what came of it, the box, the id."""
        target = (target or "").strip()
        if not target or not sure:
            missing = "tick that you are sure" if target else "paste the id"
            gr.Warning(f"Nothing was deleted: {missing} first.")
            return gr.skip()
        try:
            self.site.guard.check_account(target, account(self.site, request))
            deleted = await asyncio.to_thread(self.site.store.erasure.erase_visitor, target)
        except Refusals as refusal:
            show_error(refusal)
            return gr.skip()
        message = sentence("about.deleted" if deleted else "about.nobody")
        visitor = new_id() if deleted and target == visitor else visitor
        return message, gr.update(value=False), visitor


def _block(code: str) -> str:
    return f"```shell\n{code}\n```" if code else ""


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners."""
    page = AboutEvents(site)
    gr.Markdown("## What is stored, and why", elem_classes="about")
    stored = gr.Markdown(sentence("insights.reading"), elem_id="about-stored")
    target, sure, go, message, own = _deletion()
    gr.Markdown(f"## How it works\n\n{render('methods.md')}", elem_classes="about")
    gr.Markdown("## From your own programs", elem_classes="about")
    if site.settings.api == "off":
        gr.Markdown("This site takes no programs: `/v1` is off.")
    else:
        gr.Markdown("With curl, or any client of OpenAI's API:")
    code = gr.Markdown(elem_id="about-program")
    gr.Markdown("## What runs here", elem_classes="about")
    running = gr.Markdown(elem_id="about-running")
    heads = ["name", "what it is", "where from", "how it speaks"]
    gr.HTML(html_table("Roster", heads, about_text.members(site)), padding=False)
    with gr.Accordion("Settings in force", open=False):
        heads = ["setting", "value", "given by", "what it is"]
        gr.HTML(
            html_table("Settings in force", heads, about_text.in_force(site.settings)),
            padding=False,
        )
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    shell.greeted.then(page.show, shell.visitor, [stored, running, code, own], **quiet)
    asked, came = [target, sure, shell.visitor], [message, sure, shell.visitor]
    gone = go.click(page.forget, asked, came, **quiet)
    gone.then(None, None, None, js="() => forgetFirstVisit()", **quiet)


def _deletion() -> tuple:
    """Which id is this browser's, and the form that deletes all that is stored under one."""
    gr.Markdown("## Delete what is yours", elem_classes="about")
    gr.Markdown(sentence("about.whoever"))
    own = gr.Textbox(
        label="This browser's id",
        interactive=False,
        buttons=["copy"],
        elem_id="about-own",
    )
    target = gr.Textbox(
        label="Id whose data you want to delete",
        placeholder="paste the id",
        max_lines=1,
        elem_id="about-wanted",
    )
    with gr.Row(equal_height=True):
        sure = gr.Checkbox(label="I am sure: it cannot be undone", elem_id="about-sure")
        go = gr.Button("Delete", variant="stop", scale=0, min_width=140, elem_id="about-delete")
    message = gr.Markdown(elem_id="about-came")
    return target, sure, go, message, own
