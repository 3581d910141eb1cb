"""The part of a visitor's list of chats that a page has loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from arena.db.repositories.history import FIRST, ChatSummary, short_title
from blend.conversation import Conversation

MOST_KEPT = 50
"""Chats that a page remembers where the site stores no texts."""


@dataclass(frozen=True, slots=True)
class PageChat:
    """A chat that only this page remembers, since the site stores no texts."""

    summary: ChatSummary
    talk: Conversation

    def holds(self, words: Iterable[str]) -> bool:
        """Whether each word stands in its title or in one of its messages."""
        said = [text for turn in self.talk.turns for text in (turn.prompt, turn.reply)]
        texts = [text.casefold() for text in (self.summary.title, *said)]
        return all(any(word.casefold() in text for text in texts) for word in words)


@dataclass(frozen=True, slots=True)
class ChatList:
    """So many of the newest chats, and whether more follow. kept: what only this page remembers."""

    chats: tuple[ChatSummary, ...] = ()
    more: bool = False
    kept: Mapping[str, PageChat] = field(default_factory=dict)

    @property
    def last(self) -> tuple[float, str]:
        """The place after which the list goes on."""
        return self.chats[-1].place if self.chats else FIRST

    def with_more(self, chats: Iterable[ChatSummary], more: bool) -> "ChatList":
        """With the next ones of the list."""
        return replace(self, chats=(*self.chats, *chats), more=more)

    def with_chat(self, chat: ChatSummary) -> "ChatList":
        """With one chat as it is now, at its place."""
        others = [each for each in self.chats if each.id != chat.id]
        return replace(self, chats=_ordered([*others, chat]))

    def without(self, id: str) -> "ChatList":
        """Without a chat that was deleted."""
        kept = {key: each for key, each in self.kept.items() if key != id}
        chats = tuple(each for each in self.chats if each.id != id)
        return replace(self, chats=chats, kept=kept)

    def keep(self, talk: Conversation, now: float) -> "ChatList":
        """Remember what was said in a chat of this page's by now."""
        known = self.kept.get(talk.id)
        title = known.summary.title if known else short_title(talk.turns[0].prompt)
        kept = {**self.kept, talk.id: PageChat(ChatSummary(talk.id, title, now), talk)}
        newest = sorted(kept.items(), key=lambda one: one[1].summary.place, reverse=True)
        return replace(self, kept=dict(newest[:MOST_KEPT]))

    def rename_kept(self, id: str, title: str) -> "ChatList":
        """With another title of a chat that only this page remembers."""
        chat = self.kept[id]
        title = title or short_title(chat.talk.turns[0].prompt)
        named = replace(chat, summary=replace(chat.summary, title=title))
        return replace(self, kept={**self.kept, id: named})

    def search_kept(self, search: str) -> "ChatList":
        """A list of what only this page remembers, where it holds each word of the search."""
        words = search.split()
        found = [chat.summary for chat in self.kept.values() if chat.holds(words)]
        return replace(self, chats=_ordered(found), more=False)


def _ordered(chats: Iterable[ChatSummary]) -> tuple[ChatSummary, ...]:
    return tuple(sorted(chats, key=lambda chat: chat.place, reverse=True))
