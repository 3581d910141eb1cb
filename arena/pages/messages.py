"""What a visitor is told when something cannot be done: one sentence, and nothing is lost."""

import logging
from html import escape

import gradio as gr

from arena.models import Refused, StoreError
from arena.site.limiter import Overloaded
from arena.site.site import Site
from blend.conversation import MessageError

log = logging.getLogger(__name__)

Refusals = (MessageError, Refused, Overloaded, StoreError)
"""What a listener turns into a sentence; anything else is a mistake of ours."""

UNSTORED = "This could not be stored just now, so nothing was changed. Try again in a moment."
UNREAD = "What was said before could not be read just now. Try again in a moment."


def tell(refusal: Exception, unstored: str = UNSTORED) -> None:
    """Show why; a fault of the database is the host's to read, in the log.

    unstored: what the visitor is told instead.
    """
    if isinstance(refusal, StoreError):
        log.error("%s", refusal)
    warn(unstored if isinstance(refusal, StoreError) else str(refusal))


def may_speak(site: Site, visitor: str | None) -> bool:
    """Whether a message can be sent yet; says why where it cannot."""
    if site.contenders.ready and isinstance(visitor, str) and visitor:
        return True
    warn(site.contenders.notice or "The page is still starting: try again in a second.")
    return False


def warn(said: str) -> None:
    """A notice over the page. Gradio reads it as HTML; names and a server's words are text."""
    gr.Warning(escape(said, quote=False))
