"""What every page begins with: the header with its navigation, and who the visitor is."""

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from arena.pages.header import header
from arena.site.site import Site


@dataclass(frozen=True, slots=True)
class Shell:
    """What a page is built on. Each page has components of its own: Gradio has no events across.

    visitor: the id that the browser keeps, the same on every page. preview: the contender that the
    host looks at, empty for everybody else. greeted: the event after which both are known. load:
    the page's own load event, for what needs neither.
    """

    visitor: gr.BrowserState
    preview: gr.State
    greeted: gr.events.Dependency
    load: Callable[..., gr.events.Dependency]


def shell(site: Site, blocks: gr.Blocks, path: str) -> Shell:
    """The top of the page at `path`, made where this is called."""
    visitor = gr.BrowserState(storage_key="blended-arena-visitor", secret="a claim, no secret")
    preview = gr.State("")
    greeted = header(site, blocks, visitor, preview, path)
    return Shell(visitor, preview, greeted, blocks.load)
