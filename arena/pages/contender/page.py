"""The page of one contender, by ?name=…: who it is, in the words of the roster."""

import gradio as gr

from arena.pages.shell import Shell
from arena.pages.templates import render, sentence
from arena.site.site import Site


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners."""
    place = gr.HTML(elem_id="contender", padding=False)

    def show(request: gr.Request) -> str:
        name = request.query_params.get("name", "")
        known = {each.name: each.about for each in (*site.roster.blends, *site.roster.members)}
        about = known.get(name, sentence("contender.unknown"))
        return render("contender.html", name=name if name in known else "", about=about)

    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    shown = shell.load(show, None, place, **quiet)
    shown.then(None, None, None, js="() => nameWindow()", **quiet)
