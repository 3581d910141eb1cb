"""What a reply may become: HTML that loads nothing, hides nothing and has no marks of its own."""

import time
from html import unescape
from html.parser import HTMLParser

import hostile
import pytest
from hypothesis import given, settings

from arena.tabs import formula, markup

OWN = [("class", "wide"), ("tabindex", "0")], [("class", "typed")]
"""The attributes of the divisions that are the page's own."""

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
    if tag == "a":
        href = told.pop("href", "https://")
        return told == LINK and href.split(":")[0].lower() in ("http", "https", "mailto")
    if tag == "pre":
        return told == {"dir": "ltr", "tabindex": "0"}
    if told.get("display") == "block":
        assert told.pop("tabindex") == "0"
    values = {"th": {"align"}, "td": {"align"}, "ol": {"start"}}.get(tag)
    return tag in markup.ELEMENTS and told.keys() <= (
        values or formula.ATTRIBUTES.get(tag, {}).keys()
    )


@pytest.mark.parametrize("text", hostile.NAMED)
def test_the_named_cases_are_harmless(text):
    assert [each for each in Elements(markup.reply(text)).tags if not harmless(*each)] == []


@given(hostile.replies)
@settings(max_examples=1500)
def test_no_reply_has_an_element_or_attribute_that_is_not_allowed(text):
    assert [each for each in Elements(markup.reply(text)).tags if not harmless(*each)] == []


@given(hostile.replies)
def test_what_is_typed_stands_as_it_was_typed(text):
    assert "<" not in markup.typed(text) and unescape(markup.typed(text)) == text


def test_html_in_a_reply_is_text():
    assert markup.reply(r"\<b>x").strip() == "<p>&lt;b&gt;x</p>"
    assert markup.reply("x ``` <b>x").strip() == "<p>x ``` &lt;b&gt;x</p>"
    assert markup.reply(r"`` \`<b>x\` ``").strip() == r"<p><code>\`&lt;b&gt;x\`</code></p>"


def test_a_picture_is_shown_as_it_is_written():
    assert markup.reply("![a](http://b/c)").strip() == "<p>![a](http://b/c)</p>"


@pytest.mark.parametrize("code", ["    if a < b", "~~~\nif a < b\n~~~", "```py\nif a < b\n```"])
def test_code_is_shown_without_backslashes(code):
    shown = Elements(markup.reply(code))
    assert shown.text.strip() == "if a < b" and [tag for tag, _ in shown.tags] == ["pre", "code"]


def test_headings_stay_below_those_of_the_page_and_skip_no_level():
    shown = markup.reply("### Three\n\n# One\n\n## Two\n\n###### Six\n\n# One")
    assert [tag for tag, _ in Elements(shown).tags] == ["h2", "h2", "h3", "h4", "h2"]


@pytest.mark.parametrize("text", [r"\(x<y\)", "$x<y$"])
def test_latex_is_rendered(text):
    math = '<math display="inline"><mrow><mi>x</mi><mo>&lt;</mo><mi>y</mi></mrow></math>'
    assert markup.reply(text).strip() == f"<p>{math}</p>"
    assert 'display="block"' in markup.reply(r"\[x\]") and "<math" not in markup.reply("$5 or $6")


def test_a_formula_that_cannot_be_read_is_shown_as_its_source():
    assert markup.reply(r"$\foo{x} < 1$").strip() == r"<p><code>\foo{x} &lt; 1</code></p>"


def test_what_is_too_long_or_too_deep_is_shown_as_it_was_said():
    for text in ("*a*" * 20_000, ">" * 100 + " *a*"):
        shown = Elements(markup.reply(text))
        assert shown.text == text and shown.tags == [("div", [("class", "typed")])]


def test_no_line_is_lost_that_markdown_takes_for_an_address():
    for text in ("[Tom]: Hello", "Said:\n\n[Tom]: Hello\n[Ann]: Hi"):
        assert Elements(markup.reply(text)).text == text
    linked = "[a][1] and [b]\n\n[1]: https://a.org\n[b]: https://b.org"
    assert Elements(markup.reply(linked)).text.strip() == "a and b"


@pytest.mark.parametrize("text", ["$5-$10", "$5/month or $10/year", "$HOME and $PATH"])
def test_money_and_variables_are_no_formulas(text):
    assert markup.reply(text).strip() == f"<p>{text}</p>"


def test_a_lone_surrogate_breaks_nothing():
    assert "a?b" in markup.reply("a\ud800b") and markup.typed("a\ud800b") == "a?b"


@pytest.mark.parametrize("name", hostile.WORST)
def test_no_reply_takes_long(name):
    def seconds() -> float:
        start = time.thread_time()
        markup.reply(hostile.WORST[name])
        return time.thread_time() - start

    assert min(seconds() for _ in range(3)) < 0.25
