"""What visitors do in the list of their chats, a listener each: more, search, rename, delete."""

import asyncio

import gradio as gr

from arena.db.repositories.history import FIRST, NOT_HERE, PAGE, clean_title
from arena.models import Refused
from arena.pages.chat.events import ChatEvents
from arena.pages.chat.history.chat_list import ChatList
from arena.pages.chat.history.export import chat_file
from arena.pages.chat.history.list_event import ListEvent, check, list_listener
from arena.pages.chat.opening import at_rest
from arena.pages.language import texts_of
from arena.pages.messages import Refusals, show_error
from arena.site.site import Site
from blend.conversation import Conversation


class HistoryEvents:
    """The listeners over one site. What comes from the browser is a claim: each question to the
    database names the visitor, and finds only chats of theirs.

    Where the site stores no texts, the chats of this page are listed as long as it is open.
    """

    def __init__(self, site: Site, chat: ChatEvents):
        """chat: the listeners of the chat beside the list."""
        self.site = site
        self.chat = chat

    @property
    def stored(self) -> bool:
        """Whether the list is that of the database."""
        return self.site.settings.texts

    @list_listener(reads=True)
    async def show(self, event: ListEvent) -> ChatList:
        """The list from its beginning, by what stands in the search box."""
        if not self.stored:
            return event.listed.search_kept(event.search)
        return await self.read(event)

    @list_listener(reads=True)
    async def extend(self, event: ListEvent) -> ChatList:
        """The list with its next page."""
        return await self._add_page(event, event.listed, event.listed.last)

    async def read(self, event: ListEvent) -> ChatList:
        """The list from its beginning, by what is searched. Raises StoreError."""
        return await self._add_page(event, ChatList(), FIRST)

    async def _add_page(
        self, event: ListEvent, listed: ChatList, after: tuple[float, str]
    ) -> ChatList:
        page = self.site.store.history.page
        found = await asyncio.to_thread(page, event.visitor, after, event.search, PAGE + 1)
        return listed.with_more(found[:PAGE], len(found) > PAGE)

    @list_listener()
    async def renew(self, event: ListEvent) -> ChatList | None:
        """The list after something was said in the chat that is shown, or taken back: a chat whose
        first message was taken back is none."""
        rest = event.listed.without(event.shown)
        gone = rest if rest != event.listed else None
        if not self.stored:
            if event.talk is None or not event.talk.turns:
                return gone
            now = self.site.store.database.clock()
            return event.listed.keep(event.talk, now).search_kept(event.search)
        chat = await asyncio.to_thread(self.site.store.history.find, event.shown, event.visitor)
        if chat is None:
            return gone
        if event.search or event.listed.chats[:1] == (chat,):
            return None
        return event.listed.with_chat(chat)

    @list_listener()
    async def leave(self, event: ListEvent) -> ChatList | None:
        """The list before another chat takes the place of the one that is shown: where texts are
        not stored, the page remembers what was answered."""
        kept = event.listed.kept.get(event.talk.id if event.talk else "")
        if kept is None:
            return None
        return event.listed.keep(event.talk, kept.summary.active).search_kept(event.search)

    @list_listener(unstored="page.unstored")
    async def rename(self, event: ListEvent) -> ChatList:
        """The list with another title of one chat."""
        if not self.stored:
            if event.id not in event.listed.kept:
                raise Refused(NOT_HERE)
            named = event.listed.rename_kept(event.id, clean_title(event.value))
            return named.search_kept(event.search)
        history = self.site.store.history
        await asyncio.to_thread(history.rename, event.id, event.visitor, event.value)
        return event.listed.with_chat(
            await asyncio.to_thread(history.find, event.id, event.visitor)
        )

    @list_listener(unstored="page.unstored")
    async def delete(self, event: ListEvent) -> ChatList:
        """The list without a chat, whose texts are gone for good."""
        erase = self.site.store.erasure.erase_chat
        if not await asyncio.to_thread(erase, event.id, event.visitor):
            raise Refused(NOT_HERE)
        return event.listed.without(event.id)

    async def reopen(
        self, listed: ChatList | None, id: str, request: gr.Request | None = None
    ) -> tuple:
        """A chat that only this page remembers, in the place of the one that is shown."""
        chat = (listed or ChatList()).kept.get(id)
        self.chat.views.begin(request, id if chat else "")
        if chat is None:
            view = self.chat.outputs(None, request)
            return view._replace(log=self.chat.look_for(request).empty("chat.unkept"))
        return at_rest(self.chat, chat.talk, request)

    async def export(
        self,
        listed: ChatList | None,
        talk: Conversation | None,
        visitor: str | None,
        shown: str,
        request: gr.Request = None,
        data: gr.EventData = None,
    ) -> tuple[str, str]:
        """A chat as a file: its name, and what is in it."""
        event = ListEvent.of(listed, talk, visitor, shown, data=data)
        if event is None:
            return "", ""
        try:
            check(self.site, event, request)
            conversation, title = await asyncio.to_thread(self._find, event)
        except Refusals as refusal:
            show_error(refusal, texts_of(request), "history.unread")
            return "", ""
        form, blind = "json" if event.value == "json" else "md", self.chat.roster is None
        file = chat_file(conversation, title, form, blind, texts_of(request))
        return file.name, file.text

    def _find(self, event: ListEvent) -> tuple[Conversation, str]:
        """What was said in a chat, and its title. Raises StoreError, or Refused."""
        if kept := event.listed.kept.get(event.id):
            is_shown = event.talk is not None and event.talk.id == event.id
            return event.talk if is_shown else kept.talk, kept.summary.title
        store = self.site.store
        chat = store.history.find(event.id, event.visitor)
        conversation = chat and store.conversations.load(event.id, event.visitor)
        if conversation is None:
            raise Refused(NOT_HERE)
        return conversation, chat.title
