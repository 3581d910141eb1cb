"""What a visitor is told when something cannot be done: one sentence, and nothing is lost."""

import logging
from html import escape

import gradio as gr

from arena.models import Refused, StoreError
from arena.pages.templates import sentence
from arena.site.limiter import Overloaded
from arena.site.site import Site
from blend.conversation import MessageError

log = logging.getLogger(__name__)

Refusals = (MessageError, Refused, Overloaded, StoreError)
"""What a listener turns into a sentence; anything else is a mistake of ours."""


def show_error(refusal: Exception, unstored: str = "page.unstored") -> None:
    """Show why; a fault of the database is the host's to read, in the log.

    unstored: the name of the sentence that the visitor is told instead.
    """
    if isinstance(refusal, StoreError):
        log.error("%s", refusal)
    show_warning(sentence(unstored) if isinstance(refusal, StoreError) else str(refusal))


def can_send(site: Site, visitor: str | None) -> bool:
    """Whether a message can be sent yet; says why where it cannot."""
    if site.contenders.ready and isinstance(visitor, str) and visitor:
        return True
    show_warning(site.contenders.notice or sentence("page.starting"))
    return False


def show_warning(text: str) -> None:
    """A notice over the page. Gradio reads it as HTML; names and a server's words are text."""
    gr.Warning(escape(text, quote=False))
