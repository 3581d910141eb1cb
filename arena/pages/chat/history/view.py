"""The list of a visitor's chats as it stands in the side bar, as HTML."""

from datetime import UTC, datetime, timedelta
from html import escape
from itertools import groupby

from arena.db.repositories.history import LONGEST_TITLE, ChatSummary
from arena.pages.chat.history.chat_list import ChatList
from arena.site.identity import ACCOUNT
from arena.texts import Texts
from blend.roster.settings import Settings

MINUTES_WEST = 14 * 60
"""No place on earth is further from UTC, east or west."""


def list_html(
    listed: ChatList,
    current: str,
    now: float,
    minutes_west: float,
    note: str,
    search: str,
    texts: Texts,
) -> str:
    """The list in groups by day, each chat a link; the open one is marked. note: who can open them.

    search: the words that each of them has. minutes_west: what the visitor's clock is behind UTC's.
    """
    parts = []
    for day, chats in groupby(listed.chats, lambda chat: _day(chat.active, now, minutes_west)):
        items = "".join(_item(chat, chat.id == current, texts) for chat in chats)
        parts.append(f"<h2>{escape(texts(f'history.{day}'))}</h2><ul>{items}</ul>")
    if not parts:
        nothing = texts("history.nothing" if search else "history.empty")
        parts.append(f'<p class="chats-none">{escape(nothing)}</p>')
    if listed.more:
        more = escape(texts("history.more"))
        parts.append(f'<button type="button" class="chats-more">{more}</button>')
    label, close = (escape(texts(f"history.{name}")) for name in ("label", "close"))
    return (
        f'<nav aria-label="{label}" data-close="{close}" data-search="{escape(search)}">'
        f"<h1>{label}</h1>{''.join(parts)}</nav>"
        f'<p class="chats-note">{escape(note)}</p>{_menus(texts)}'
    )


def note(settings: Settings, visitor: str, texts: Texts) -> str:
    """Who can open these chats, and for how long."""
    if not settings.texts:
        return texts("history.unkept")
    who = texts("history.account" if visitor.startswith(ACCOUNT) else "history.kept")
    days = texts("history.days", n=settings.text_days) if settings.text_days else ""
    return f"{who} {days}".strip()


def _item(chat: ChatSummary, current: bool, texts: Texts) -> str:
    title = escape(chat.title or texts("history.untitled"))
    mark = ' aria-current="page"' if current else ""
    menu = escape(texts("history.menu", title=chat.title or texts("history.untitled")))
    return (
        f'<li data-chat="{escape(chat.id)}"><a href="?chat={escape(chat.id)}"{mark}>'
        f'<bdi dir="auto" lang="">{title}</bdi></a>'
        f'<button type="button" class="chat-menu" aria-expanded="false" aria-label="{menu}">'
        '<span aria-hidden="true">⋯</span></button></li>'
    )


def _menus(texts: Texts) -> str:
    """What stands under a chat once its menu is opened, a form each; assets/page.js copies it."""

    def button(act: str, text: str) -> str:
        return f'<button type="button" data-act="{act}">{escape(texts(f"history.{text}"))}</button>'

    acts = (("rename", "rename"), ("md", "markdown"), ("json", "json"), ("delete", "delete"))
    menu = "".join(button(*act) for act in acts)
    label = escape(texts("history.new_title"))
    return (
        f'<template class="chat-acts"><div class="acts">{menu}</div></template>'
        '<template class="chat-rename"><form class="acts">'
        f'<input type="text" maxlength="{LONGEST_TITLE}" dir="auto" aria-label="{label}">'
        f'<button type="submit">{escape(texts("history.save"))}</button>'
        f"{button('cancel', 'cancel')}</form></template>"
        f'<template class="chat-delete"><div class="acts" role="group">'
        f"<p>{escape(texts('history.sure'))}</p>"
        f"{button('sure', 'delete')}{button('cancel', 'keep')}</div></template>"
    )


def _day(seconds: float, now: float, minutes_west: float) -> str:
    """The group that a chat belongs to, by the visitor's own midnight."""
    zone = timedelta(minutes=max(-MINUTES_WEST, min(MINUTES_WEST, minutes_west)))
    today, day = ((datetime.fromtimestamp(at, UTC) - zone).date() for at in (now, seconds))
    age = (today - day).days
    return "today" if age < 1 else "yesterday" if age < 2 else "week" if age < 8 else "older"
