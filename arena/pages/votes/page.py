"""The page of a visitor's own votes: where they go, and where to cast one."""

import gradio as gr

from arena.pages.shell import Shell
from arena.pages.templates import sentence
from arena.site.site import Site


def build(site: Site, shell: Shell) -> None:
    """The page's content."""
    gr.Markdown(sentence("votes.kept"), elem_id="votes")
