"""What a reply may become: HTML that loads nothing, hides nothing and has no marks of its own."""

import time
from html import unescape
from html.parser import HTMLParser

import hostile as hostile
import pytest
from hypothesis import given, settings

from arena.pages import formula, markup

OWN = (
    [("class", "wide"), ("tabindex", "0")],
    *([("class", name)] for name in ("typed", "code", "code-bar")),
)
"""The attributes of the divisions that are the page's own."""

LESS = '<math display="inline"><mrow><mi>x</mi><mo>&lt;</mo><mi>y</mi></mrow></math>'

LINK = {"rel": "noopener nofollow noreferrer", "target": "_blank"}


class Elements(HTMLParser):
    """All start tags with their attributes, and the text."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def harmless(tag: str, attributes: list[tuple[str, str]]) -> bool:
    """Whether an element is one that a reply may have."""
    if tag == "div":
        return attributes in OWN
    told = dict(attributes)
    if tag == "button":
        return told == {"type": "button", "class": "copy"}
    if tag == "span":
        return told == {}
    if tag == "a":
        href = told.pop("href", "https://")
        return told == LINK and href.split(":")[0].lower() in ("http", "https", "mailto")
    if tag == "pre":
        return told == {"dir": "ltr", "tabindex": "0"}
    if tag in ("ul", "ol", "blockquote", "table"):
        assert told.pop("dir") == "auto"
    if told.get("display") == "block":
        assert told.pop("tabindex") == "0"
    values = {"th": {"align"}, "td": {"align"}, "ol": {"start"}}.get(tag)
    return tag in markup.ELEMENTS and told.keys() <= (
        values or formula.ATTRIBUTES.get(tag, {}).keys()
    )


def check(text: str) -> None:
    assert [each for each in Elements(markup.reply(text)).tags if not harmless(*each)] == []


@pytest.mark.parametrize("text", hostile.NAMED)
def test_the_named_cases_are_harmless(text):
    check(text)


@given(hostile.replies)
@settings(max_examples=1500)
def test_no_reply_has_an_element_or_attribute_that_is_not_allowed(text):
    check(text)


@given(hostile.replies)
def test_what_is_typed_stands_as_it_was_typed(text):
    assert "<" not in markup.typed(text) and unescape(markup.typed(text)) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"\<b>x", "<p>&lt;b&gt;x</p>"),
        ("x ``` <b>x", "<p>x ``` &lt;b&gt;x</p>"),
        (r"`` \`<b>x\` ``", r"<p><code>\`&lt;b&gt;x\`</code></p>"),
        ("![a](http://b/c)", "<p>![a](http://b/c)</p>"),
        (r"\(x<y\)", f"<p>{LESS}</p>"),
        ("$x<y$", f"<p>{LESS}</p>"),
        (r"$\foo{x} < 1$", r"<p><code>\foo{x} &lt; 1</code></p>"),
        ("$5 or $6", "<p>$5 or $6</p>"),
        ("$5-$10", "<p>$5-$10</p>"),
        ("$5/month or $10/year", "<p>$5/month or $10/year</p>"),
        ("$HOME and $PATH", "<p>$HOME and $PATH</p>"),
    ],
)
def test_html_and_pictures_are_text_and_latex_is_drawn_where_it_can_be_read(text, html):
    assert markup.reply(text).strip() == html


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("    if a < b", ""),
        ("~~~\nif a < b\n~~~", ""),
        ("```py\nif a < b\n```", "py"),
        ("```c++ x=1\nif a < b\n```", "c++"),
        ("``` <i>&quot;\nif a < b\n```", ""),
        (f"```{'x' * 30}\nif a < b\n```", ""),
    ],
)
def test_code_is_shown_without_backslashes_under_its_language_and_a_button(code, language):
    shown = Elements(markup.reply(code, "Copy it"))
    assert [*map(str.strip, shown.text.split("Copy it"))] == [language, "if a < b"]
    assert [tag for tag, _ in shown.tags] == ["div", "div", "span", "button", "pre", "code"]


def test_headings_stay_below_those_of_the_page_and_skip_no_level():
    shown = markup.reply("### Three\n\n# One\n\n## Two\n\n###### Six\n\n# One")
    assert [tag for tag, _ in Elements(shown).tags] == ["h2", "h2", "h3", "h4", "h2"]


def test_what_is_too_long_or_too_deep_is_shown_as_it_was_said():
    for text in ("*a*" * 20_000, ">" * 100 + " *a*"):
        shown = Elements(markup.reply(text))
        assert shown.text == text and shown.tags == [("div", [("class", "typed")])]


def test_no_line_is_lost_that_markdown_takes_for_an_address():
    for text in ("[Tom]: Hello", "Said:\n\n[Tom]: Hello\n[Ann]: Hi"):
        assert Elements(markup.reply(text)).text == text
    linked = "[a][1] and [b]\n\n[1]: https://a.org\n[b]: https://b.org"
    assert Elements(markup.reply(linked)).text.strip() == "a and b"


def test_a_lone_surrogate_breaks_nothing():
    assert "a?b" in markup.reply("a\ud800b") and markup.typed("a\ud800b") == "a?b"


@pytest.mark.parametrize("name", hostile.WORST)
def test_no_reply_takes_long(name):
    def seconds() -> float:
        start = time.thread_time()
        markup.reply(hostile.WORST[name])
        return time.thread_time() - start

    assert min(seconds() for _ in range(3)) < 0.25
