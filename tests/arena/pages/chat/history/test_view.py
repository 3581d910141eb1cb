"""The list of chats as HTML: titles are text, the open one is marked, days are the visitor's."""

import re
from html import unescape

import pytest

from arena.db.repositories.history import ChatSummary
from arena.pages.chat.history.chat_list import ChatList
from arena.pages.chat.history.view import list_html
from arena.texts import ENGLISH

DAY = 86_400.0
NOON = 1_800_014_400.0
"""12:00 UTC."""


def shown(chats, current="", now=NOON, west=0, **how):
    listed = ChatList(tuple(chats), **how)
    return list_html(listed, current, now, west, "A note.", "", ENGLISH)


def chat(id="a", title="Hello", active=NOON):
    return ChatSummary(id, title, active)


@pytest.mark.parametrize(
    "title", ["<img src=x onerror=alert(1)>", "${alert(1)}", '"><script>', "`", "مرحبا", "&amp;"]
)
def test_a_title_is_text_and_isolated(title):
    html = shown([chat(title=title)])
    (inner,) = re.findall(r'<bdi dir="auto" lang="">(.*?)</bdi>', html)
    assert unescape(inner) == title and not {"<", ">"} & {*inner}
    (label,) = re.findall(r'aria-label="(More for .*?)"', html)
    assert unescape(label) == f"More for {title}"


def test_a_chat_is_a_link_and_the_open_one_is_marked():
    html = shown([chat("a"), chat("b")], current="b")
    links = re.findall(r'<a href="\?chat=(\w)"( aria-current="page")?>', html)
    assert links == [("a", ""), ("b", ' aria-current="page"')]


def test_groups_begin_at_the_visitors_own_midnight():
    times = [NOON, NOON - 11 * 3600, NOON - 13 * 3600, NOON - 3 * DAY, NOON - 8 * DAY]
    chats = [chat(str(n), active=active) for n, active in enumerate(times)]

    def groups(west):
        html = shown(chats, west=west)
        return [
            (head, re.findall(r'data-chat="(\d)"', items))
            for head, items in re.findall(r"<h2>(.*?)</h2><ul>(.*?)</ul>", html)
        ]

    rest = [("Previous 7 days", ["3"]), ("Older", ["4"])]
    assert groups(0) == [("Today", ["0", "1"]), ("Yesterday", ["2"]), *rest]
    assert groups(120) == [("Today", ["0"]), ("Yesterday", ["1", "2"]), *rest]
    assert groups(-120) == [("Today", ["0", "1", "2"]), *rest]
    assert groups(float("nan")) and groups(1e300) and groups(-1e300)


def test_an_empty_list_says_so_and_a_long_one_offers_more():
    assert "Your chats will appear here." in shown([])
    assert "chats-more" not in shown([chat()]) and "chats-more" in shown([chat()], more=True)
    assert "A note." in shown([]) and "Untitled" in shown([chat(title="")])
