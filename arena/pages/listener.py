"""What the listeners of the chat and of the arena have in common: they begin with what the page
shows, and leave it whole where something cannot be done."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import gradio as gr

from arena.models import Refused, StoreError
from arena.pages.language import texts_of
from arena.pages.messages import Refusals, show_error, show_warning
from arena.texts import Texts

log = logging.getLogger(__name__)

State = TypeVar("State")


class UnreadableState(Exception):
    """What a page shows cannot be read from the database."""


@dataclass(frozen=True, slots=True)
class Event(Generic[State]):
    """Something that a visitor did. state: the chat or battle that their page shows, if any."""

    state: State | None
    visitor: str | None
    request: gr.Request | None

    @property
    def texts(self) -> Texts:
        """The texts in the visitor's language."""
        return texts_of(self.request)


class Page(Protocol[State]):
    """The class whose methods are listeners."""

    async def load(self, id: str, visitor: str) -> State | None:
        """A visitor's own chat or battle from the database. Raises StoreError, or Refused."""

    async def reload(self, state: State, visitor: str) -> State | None:
        """The same chat or battle as the database has it now. Raises StoreError."""

    def outputs(self, state: State | None, request: gr.Request | None) -> tuple:
        """What stands in the page's components."""


async def current_state(
    load: Callable[[str, str], Awaitable[State | None]],
    state: State | None,
    visitor: object,
    id: object,
) -> State | None:
    """What the page shows; None where it shows nothing. Raises UnreadableState, or Refused.

    Gradio's session remembers it. A server that was started anew, or that had too many sessions,
    remembers nothing: then it is loaded by the id that the page has, for its own visitor only.
    """
    if state is not None or not all(isinstance(each, str) and each for each in (id, visitor)):
        return state
    try:
        return await load(id, visitor)
    except StoreError as error:
        raise UnreadableState(error) from error


async def explain(
    page: Page[State],
    refusal: Exception,
    state: State | None,
    visitor: str,
    texts: Texts,
    unstored: str = "page.unstored",
) -> State | None:
    """Say why not, and return what is shown from now on: a rule may know of more than the page."""
    show_error(refusal, texts, unstored)
    if state is None or not isinstance(refusal, Refused):
        return state
    try:
        return await page.reload(state, visitor)
    except Refusals:
        return state


def listener(*rest: object, unstored: str = "page.unstored") -> Callable[[Callable], Callable]:
    """Make a listener of a method that is given an Event and further inputs.

    Its inputs are the state, the visitor's id, the id of what is shown, and those further ones. A
    refusal is told; the outputs are then the page's, with `rest` after them. unstored: what is told
    of a database that fails. Where what is shown cannot be read, the page stays as it is.
    """

    def decorate(act: Callable[..., Awaitable]) -> Callable[..., Awaitable]:
        async def listen(
            self, state, visitor, id="", request: gr.Request | None = None, *inputs: object
        ):
            try:
                state = await current_state(self.load, state, visitor, id)
                return await act(self, Event(state, visitor, request), *inputs)
            except UnreadableState as unread:
                log.error("%s", unread)
                show_warning(texts_of(request)("page.unread"))
                return gr.skip()
            except Refusals as refusal:
                texts = texts_of(request)
                state = await explain(self, refusal, state, visitor, texts, unstored)
                return *self.outputs(state, request), *rest

        listen.__name__, listen.__doc__ = act.__name__, act.__doc__
        return listen

    return decorate
