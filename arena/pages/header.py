"""The header: what this is, its pages, which roster runs where, whether its models are here yet."""

import os
from pathlib import Path

import gradio as gr

from arena.experiment.assignment import preview_arm
from arena.pages.language import label, script_texts, texts_of
from arena.pages.templates import render
from arena.pages.visitor import account, visitor_id
from arena.site.admin_key import COOKIE
from arena.site.identity import login_problem
from arena.site.site import Site
from arena.texts import ENGLISH, Texts

SCRIPT = Path(__file__).parents[2] / "assets" / "page.js"
AGREE = "(visitor, isNew) => (nameWindow(), showOpenLink(), oneVisitor(visitor, isNew === 'new'))"
PAGES = {
    "": "page.chat",
    "arena": "page.arena",
    "leaderboard": "page.leaderboard",
    "votes": "page.votes",
    "insights": "page.insights",
    "about": "page.about",
    "contender": "page.contender",
}
"""The name of each page's name, by its path."""
UNLINKED = ("contender",)
"""Pages that the navigation does not lead to."""


def head() -> str:
    """What the page's head holds beside Gradio's own: the script of what it does, and its words."""
    return f"{script_texts()}<script>{SCRIPT.read_text(encoding='utf-8')}</script>"


def share_head(path: str, base: str) -> str:
    """What the page at `path` says to sites that show a link to it. base: the site's address."""
    title = f"{page_name(path)} · {ENGLISH('page.site')}" if path else ENGLISH("page.site")
    return render("share.html", title=title, path=path, base=base)


def header(
    site: Site, blocks: gr.Blocks, visitor: gr.BrowserState, preview: gr.State, path: str
) -> gr.events.Dependency:
    """The top of the page at `path`. It watches the loading and gives a new browser its visitor id.

    preview: set to the contender in the address, for a browser in which the host's key was entered.
    Returns the event after which the visitor is known.
    """
    with gr.Column(elem_id="header"):
        top = gr.HTML(_top(site, path, ENGLISH), padding=False)
        state = gr.HTML(padding=False)
    # It begins once the page was greeted: an earlier tick would say what was so before that.
    watch = gr.Timer(1.0, active=False)
    # An id is the visitor's once all tabs agree on it: before, another tab must not read it.
    proposed, is_new = gr.Textbox(visible=False), gr.Textbox(visible=False)
    has_login = not login_problem(os.environ)
    with gr.Row(elem_classes="login", visible=has_login):
        login_notice = gr.Markdown(label("page.login"), visible=False)
        if has_login:  # in Gradio's own English: its script compares what stands on the button
            gr.LoginButton(size="sm", variant="secondary", scale=0, min_width=220)

    def greet(claimed: str | None, request: gr.Request):
        query = dict(request.query_params)
        host = site.host_key.entered(request.cookies.get(COOKIE))
        arm = preview_arm(
            [spec.name for spec in site.roster.contenders], query.get("arm", ""), host
        )
        id, who = visitor_id(site, claimed, request), account(site, request)
        logged = not has_login or who is not None
        notice = gr.Markdown(visible=site.settings.login_to_vote and not logged)
        new, texts = "" if id in (claimed, who) else "new", texts_of(request)
        # Drawn anew only where it says something else: a click on a link that goes is lost.
        names = gr.skip() if texts == ENGLISH else _top(site, path, texts)
        return id, new, arm, names, *look(arm, request), notice

    def look(arm: str, request: gr.Request):
        return _state(site, texts_of(request), arm), gr.Timer(active=not site.contenders.ready)

    private = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    watch.tick(look, preview, [state, watch], **private)
    known = [proposed, is_new, preview, top, state, watch, login_notice]
    greeted = blocks.load(greet, visitor, known, **private)
    return greeted.then(None, [proposed, is_new], visitor, js=AGREE, **private)


def page_name(path: str, texts: Texts = ENGLISH) -> str:
    """What the page at `path` is called."""
    return texts(PAGES[path])


def _top(site: Site, path: str, texts: Texts) -> str:
    """What stands from the first moment on: it waits for no event."""
    return render(
        "header.html",
        texts,
        open=path,
        title=page_name(path, texts),
        pages=[(each, page_name(each, texts)) for each in PAGES if each not in UNLINKED],
        note=site.roster.note,
    )


def _state(site: Site, texts: Texts, preview: str) -> str:
    """What runs where, and what is to be told now."""
    notices = [site.contenders.notice(texts)]
    notices += [texts("page.preview", name=preview)] if preview else []
    return render(
        "header_state.html",
        where=" · ".join(filter(None, (site.roster.title, site.contenders.device))),
        notices=list(filter(None, notices)),
    )
