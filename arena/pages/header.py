"""The header: what this is, its pages, which roster runs where, whether its models are here yet."""

import os
from html import escape
from pathlib import Path

import gradio as gr

from arena.experiment.assignment import preview_arm
from arena.pages.language import script_texts
from arena.pages.templates import sentence
from arena.pages.visitor import account, visitor_id
from arena.site.admin_key import COOKIE
from arena.site.identity import login_problem
from arena.site.site import Site

SCRIPT = Path(__file__).parents[2] / "assets" / "page.js"
AGREE = "(visitor, isNew) => (nameWindow(), oneVisitor(visitor, isNew === 'new'))"
PAGES = {
    "": "page.chat",
    "arena": "page.arena",
    "leaderboard": "page.leaderboard",
    "contender": "page.contender",
    "votes": "page.votes",
    "insights": "page.insights",
    "about": "page.about",
}
"""The name of each page's name, by its path."""
LINKED = ("", "arena", "leaderboard", "insights", "about")
"""The paths of the pages that the navigation leads to, in its order."""


def head() -> str:
    """What the page's head holds beside Gradio's own: the script of what it does, and its words."""
    return f"{script_texts()}<script>{SCRIPT.read_text(encoding='utf-8')}</script>"


def header(
    site: Site, blocks: gr.Blocks, visitor: gr.BrowserState, preview: gr.State, path: str
) -> gr.events.Dependency:
    """The top of the page at `path`. It watches the loading and gives a new browser its visitor id.

    preview: set to the contender in the address, for a browser in which the host's key was entered.
    Returns the event after which the visitor is known.
    """
    top = gr.HTML(_html(site, path), elem_id="header")
    watch = gr.Timer(1.0, active=True)
    # An id is the visitor's once all tabs agree on it: before, another tab must not read it.
    proposed, is_new = gr.Textbox(visible=False), gr.Textbox(visible=False)
    has_login = not login_problem(os.environ)
    with gr.Row(elem_classes="login", visible=has_login):
        login_notice = gr.HTML(f'<p class="status">{sentence("page.login")}</p>', visible=False)
        if has_login:
            gr.LoginButton(size="sm", variant="secondary", scale=0, min_width=220)

    def greet(claimed: str | None, request: gr.Request):
        query = dict(request.query_params)
        host = site.host_key.entered(request.cookies.get(COOKIE))
        arm = preview_arm(
            [spec.name for spec in site.roster.contenders], query.get("arm", ""), host
        )
        id, who = visitor_id(site, claimed, request), account(site, request)
        logged = not has_login or who is not None
        notice = gr.HTML(visible=site.settings.login_to_vote and not logged)
        new = "" if id in (claimed, who) else "new"
        timer = gr.Timer(active=not site.contenders.ready)
        return id, new, arm, _html(site, path, arm), timer, notice

    def look(arm: str):
        return _html(site, path, arm), gr.Timer(active=not site.contenders.ready)

    private = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    watch.tick(look, preview, [top, watch], **private)
    greeted = blocks.load(
        greet, [visitor], [proposed, is_new, preview, top, watch, login_notice], **private
    )
    return greeted.then(None, [proposed, is_new], visitor, js=AGREE, **private)


def page_name(path: str) -> str:
    """What the page at `path` is called."""
    return sentence(PAGES[path])


def _navigation(path: str) -> str:
    """The pages as links that also lead there under a prefix; the open one is marked."""
    links = "".join(
        f'<a href="{each or "./"}"{" aria-current=page" if each == path else ""}>'
        f"{escape(page_name(each))}</a>"
        for each in LINKED
    )
    name, title = sentence("page.pages"), escape(page_name(path))
    return f'<nav aria-label="{name}" data-title="{title}">{links}</nav>'


def _html(site: Site, path: str, preview: str = "") -> str:
    where = " · ".join(filter(None, (site.roster.title, site.contenders.device)))
    preview_note = f"Preview: {preview} writes your chats. They are not counted." if preview else ""
    message = " ".join(filter(None, (site.contenders.notice(), preview_note)))
    notice = f'<p class="notice" role="status">{escape(message)}</p>' if message else ""
    note = f'<span class="where">{escape(site.roster.note)}</span>' if site.roster.note else ""
    return (
        f'<div class="top"><h1>Blended Arena</h1><span class="where">{escape(where)}</span>'
        f"{note}</div>{_navigation(path)}"
        "<p>Several small models, one conversation. Judge blind whether it is better.</p>"
        f"{notice}"
    )
