"""What a visitor is told when something cannot be done: one sentence, and nothing is lost."""

import logging
from html import escape

import gradio as gr

from arena.models import Refused, StoreError
from arena.site.limiter import Overloaded
from arena.site.site import Site
from arena.texts import Texts
from blend.message import MessageError

log = logging.getLogger(__name__)

Refusals = (MessageError, Refused, Overloaded, StoreError)
"""What a listener turns into a sentence; anything else is a mistake of ours."""


def show_error(refusal: Exception, texts: Texts, unstored: str = "page.unstored") -> None:
    """Show why; a fault of the database is the host's to read, in the log.

    unstored: the name of the text that the visitor is told instead.
    """
    if isinstance(refusal, StoreError):
        log.error("%s", refusal)
    show_warning(why_not(refusal, texts, unstored))


def why_not(refusal: Exception, texts: Texts, unstored: str = "page.unstored") -> str:
    """What a visitor reads of one of `Refusals`."""
    if isinstance(refusal, StoreError):
        return texts(unstored)
    name = f"messages.{refusal.name}" if isinstance(refusal, MessageError) else refusal.name
    return texts(name, **refusal.values)


def can_send(site: Site, visitor: str | None, texts: Texts) -> bool:
    """Whether a message can be sent yet; says why where it cannot."""
    if site.contenders.ready and isinstance(visitor, str) and visitor:
        return True
    show_warning(site.contenders.notice(texts) or texts("page.starting"))
    return False


def show_warning(text: str) -> None:
    """A notice over the page. Gradio reads it as HTML; names and a server's words are text."""
    gr.Warning(escape(text, quote=False))
