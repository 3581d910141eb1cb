"""What each open page shows by now: a result that comes too late must not take its place.

Gradio runs the events of a page side by side and shows their results as they come. Where the
network or the server is slow, a visitor has often opened another chat meanwhile.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import gradio as gr

from arena.pages.chat.view import ChatOutputs
from arena.pages.language import texts_of
from arena.pages.listener import Page, listener
from arena.pages.messages import show_warning
from blend.conversation import Conversation

REMEMBERED = 10_000
"""Pages whose view is known; the others are believed."""


@dataclass(slots=True, eq=False)
class PageView:
    """One chat in one page, from when it is opened until another one is, a message or Stop.

    id: the chat's; empty for a new one, None where nobody knows. sent: it began with a message.
    sending: the next one is being let in.
    """

    id: str | None
    sent: bool = False
    sending: bool = False

    def is_of(self, id: str | None) -> bool:
        """Whether that chat is shown."""
        return self.id is None or self.id == (id or "")

    def own(self, state: Conversation | None) -> Conversation | None:
        """The session's state, where it is this view's: that of another one comes before the chat
        that is being opened."""
        return state if state is None or self.is_of(state.id) else None


class PageViews:
    """The views of the open pages. A page is one session of Gradio's."""

    def __init__(self):
        self._views: OrderedDict[str, PageView] = OrderedDict()

    def begin(self, request: gr.Request | None, id: str = "", sent: bool = False) -> PageView:
        """Another view from now on: what is not finished for the one before is not shown."""
        view = PageView(id, sent)
        if session := getattr(request, "session_hash", None):
            self._views[session] = view
            self._views.move_to_end(session)
            if len(self._views) > REMEMBERED:
                self._views.popitem(last=False)
        return view

    def now(self, request: gr.Request | None, claimed: str | None) -> PageView:
        """What the page shows. claimed: the id that it says itself; believed where none is known,
        as after a restart of the server."""
        session = getattr(request, "session_hash", None)
        if not session:
            return PageView(None)
        return self._views.get(session) or self.begin(request, claimed or "")

    def shows(self, request: gr.Request | None, view: PageView) -> bool:
        """Whether the page still shows this view."""
        known = self._views.get(getattr(request, "session_hash", None) or "")
        return known is None or known is view


class ChatEventsPage(Page[Conversation], Protocol):
    """The class whose methods are listeners."""

    views: PageViews


def chat_listener(
    *rest: object, sends: bool = False, ends: bool = False
) -> Callable[[Callable], Callable]:
    """Make a `listener` whose result is shown only in the view for which it was asked.

    What a page asks for that shows another chat by now is not done, and it is told. Of a result
    that comes too late only what belongs to `rest` is taken. sends: it lets a message in, or takes
    one back; a page does one such thing at a time. ends: it ends what is being written.
    """

    def decorate(act: Callable[..., Awaitable]) -> Callable[..., Awaitable]:
        listen_here = listener(*rest)(act)

        async def listen(
            self: ChatEventsPage,
            state,
            visitor,
            id="",
            request: gr.Request | None = None,
            *inputs: object,
        ):
            view = self.views.now(request, id)
            if not view.is_of(id):
                show_warning(texts_of(request)("chat.moved"))
                # The page is put right; a chat that is being opened does that itself.
                is_here = view.is_of(state.id if state else "")
                return (*self.outputs(state, request), *rest) if is_here else gr.skip()
            if sends and view.sending:
                show_warning(texts_of(request)("chat.busy"))
                return gr.skip()
            if ends:
                self.views.begin(request, id or "")
                view = self.views.now(request, id)
            view.sending |= sends
            try:
                result = await listen_here(self, view.own(state), visitor, id, request, *inputs)
            finally:
                view.sending &= not sends
            if not isinstance(result, tuple):
                return result
            shown, more = result[: len(ChatOutputs._fields)], result[len(ChatOutputs._fields) :]
            if not self.views.shows(request, view):
                return (*(gr.skip() for _ in shown), *more)
            view.id = ChatOutputs(*shown).shown
            if sends:
                self.views.begin(request, view.id, sent=True)
            return result

        listen.__name__, listen.__doc__ = act.__name__, act.__doc__
        return listen

    return decorate
