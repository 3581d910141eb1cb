"""What a visitor did in the list of their chats, and what its listeners have in common."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

import gradio as gr

from arena.pages.chat.history.chat_list import ChatList
from arena.pages.chat.history.view import list_html, note
from arena.pages.language import texts_of
from arena.pages.messages import Refusals, show_error
from arena.pages.visitor import account
from arena.site.site import Site
from blend.conversation import Conversation


@dataclass(frozen=True, slots=True)
class ListEvent:
    """Something that a visitor did in the list. talk: the chat beside it, if any; shown: its id.
    search: what stands in the box. id, value: which chat the event names, and what it tells of it.
    """

    visitor: str
    listed: ChatList
    talk: Conversation | None
    shown: str
    search: str = ""
    id: str = ""
    value: str = ""

    @classmethod
    def of(
        cls,
        listed: ChatList | None,
        talk: Conversation | None,
        visitor: object,
        shown: object,
        search: object = "",
        data: gr.EventData | None = None,
    ) -> "ListEvent | None":
        """What came from the browser, none of which need be true; None before it has an id."""
        if not isinstance(visitor, str) or not visitor:
            return None
        shown, search = (text if isinstance(text, str) else "" for text in (shown, search))
        told = told_text(data, "index"), told_text(data, "value")
        return cls(visitor, listed or ChatList(), talk, shown, search.strip(), *told)


def told_text(data: gr.EventData | None, name: str) -> str:
    """What an event of the browser's tells as `index` or as `value`; empty where that is no text.
    `arena.web.events` lets nothing else in."""
    with suppress(TypeError):  # it tells nothing
        value = getattr(data, name, None)
        return value if isinstance(value, str) else ""
    return ""


class HistoryPage(Protocol):
    """The class whose methods are listeners."""

    site: Site

    @property
    def stored(self) -> bool:
        """Whether the list is that of the database."""

    async def read(self, event: ListEvent) -> ChatList:
        """The list from its beginning. Raises StoreError."""


def list_listener(reads: bool = False, unstored: str = "history.unread") -> Callable:
    """Make a listener of a method that returns the list as it is then; None where it is the same.

    The method is given a ListEvent. The listener's inputs are those of `ListEvent.of`, a preview's
    contender, whose chats are not listed, and the visitor's clock; its outputs are the list and how
    it looks. A refusal is told, and changes nothing. reads: whether the method reads the list
    itself; after another one it is read anew where Gradio's session has been lost, and with it what
    the page had loaded. unstored: what is told of a database that fails.
    """

    def decorate(act: Callable[..., Awaitable[ChatList | None]]) -> Callable[..., Awaitable]:
        async def listen(
            self: HistoryPage,
            listed,
            talk,
            visitor,
            shown,
            search,
            preview,
            zone,
            request: gr.Request = None,
            data: gr.EventData = None,
        ):
            event = ListEvent.of(listed, talk, visitor, shown, search, data)
            if event is None or preview:
                return gr.skip()
            lost = listed is None and self.stored and not reads
            try:
                check(self.site, event, request)
                listed = await act(self, event)
                if lost:
                    listed = await self.read(event)
            except Refusals as refusal:
                show_error(refusal, texts_of(request), unstored)
                listed = event.listed
            if listed is None:
                return gr.skip()
            return listed, _html(self.site, replace(event, listed=listed), zone, request)

        listen.__name__, listen.__doc__ = act.__name__, act.__doc__
        return listen

    return decorate


def check(site: Site, event: ListEvent, request: gr.Request | None) -> None:
    """Raise Refused where the visitor claims an account that is not theirs."""
    site.guard.check_account(event.visitor, account(site, request))


def _html(site: Site, event: ListEvent, zone: object, request: gr.Request | None) -> str:
    """How the list looks. zone: what the visitor's clock is behind UTC's, in minutes."""
    texts = texts_of(request)
    return list_html(
        event.listed,
        event.shown,
        site.store.database.clock(),
        zone if isinstance(zone, int | float) else 0,
        note(site.settings, event.visitor, texts),
        event.search,
        texts,
    )
