"""Direct: a chat with one contender of the visitor's choice, which the page's address names.

A chat stays with whom it was begun, wherever it is opened again. While an experiment runs nobody
chooses: each visitor's arm writes all of their chats, and the address counts for nothing.
"""

import asyncio
from collections.abc import Callable

import gradio as gr

from arena.experiment.assignment import Assignment
from arena.models import StoreError
from arena.pages.composer import QUIET
from arena.pages.language import label, texts_of
from arena.pages.messages import show_warning
from arena.site.site import Site
from blend.conversation import Conversation

WITH = "with"
"""What names the contender in the address of the chat page."""

GO = "(name) => { chats.talkWith(name); }"
"""Another contender is another address: the page is loaded anew, with a new chat."""


def chosen(site: Site, request: gr.Request | None) -> str:
    """The contender that the address names; nobody where there is none of that name, or while an
    experiment runs."""
    name = request.query_params.get(WITH, "") if request is not None else ""
    return name if name in _names(site) and not site.roster.experiment else ""


def chat_partner(
    site: Site,
    conversation: Conversation | None,
    visitor: str,
    request: gr.Request | None,
    preview: str = "",
) -> Assignment:
    """Who writes in a chat: whom it was begun with, else whom the address names, else everybody's
    contender. Blocks. Raises StoreError.

    conversation: None, or one without a row, where the chat is new.
    """
    usual = site.assignment(visitor, preview)
    if preview or site.roster.experiment:
        return usual
    stored = None
    if conversation is not None:
        stored = site.store.conversations.contender_name(conversation.id, visitor)
    # One that is gone from the roster can write no more.
    name = stored if stored in _names(site) else "" if stored else chosen(site, request)
    return Assignment(name) if name else usual


def place_partner(site: Site) -> gr.Dropdown:
    """The list to choose from, where this is called; it shows with whom the chat is."""
    return gr.Dropdown(
        _names(site),
        value=site.roster.focus,
        label=label("chat.with"),
        visible=not site.roster.experiment,
        elem_id="chat-with",
        min_width=0,
    )


def connect_partner(
    site: Site,
    picker: gr.Dropdown,
    page: list[gr.components.Component],
    shown_after: list[gr.events.Dependency],
) -> None:
    """Make the list work. page: the chat's inputs. shown_after: the events that may show another
    chat, the loading of the page first."""
    if site.roster.experiment:
        shown_after[0].then(_say_that_it_is_off, None, None, **QUIET)
        return
    picker.input(None, picker, None, js=GO, **QUIET)
    last = QUIET | {"trigger_mode": "always_last"}
    for event in shown_after:
        event.then(_partner_shown(site), page, picker, **last)


def _partner_shown(site: Site) -> Callable:
    async def show(
        conversation: Conversation | None, visitor: str | None, shown: str, request: gr.Request
    ) -> str | dict:
        """With whom the chat is."""
        try:
            with_whom = (site, conversation, visitor or "", request)
            return (await asyncio.to_thread(chat_partner, *with_whom)).contender
        except StoreError:
            return gr.skip()

    return show


def _say_that_it_is_off(request: gr.Request) -> None:
    if WITH in request.query_params:
        show_warning(texts_of(request)("chat.with_off"))


def _names(site: Site) -> list[str]:
    return [spec.name for spec in site.roster.contenders]
