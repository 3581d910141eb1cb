"""Text from outside as HTML: a reply's Markdown through an allow-list, all else as it was typed."""

import re
from html import escape, unescape
from itertools import groupby

import comrak
import nh3

from arena.pages import formula

LONGEST = 32_000
"""Characters of a reply that is read as Markdown; a longer one is shown as it was said."""

DEEPEST = 60  # elements within one another; a reply with more is shown as it was said

MOST = 300  # openings of \(…\), and bare addresses, that are read in one reply

FORMULAS = 3_000
"""Characters of formulas that are converted in one reply, since that takes its time."""

RENDERING = comrak.RenderOptions(escape=True, hardbreaks=True)  # escape: HTML in a reply is text

NAMES = """
p br hr h2 h3 h4 h5 h6 ul ol li blockquote pre table thead tbody tr th td a code em strong del
"""
ELEMENTS = {*NAMES.split(), *formula.ELEMENTS}
ALIGN = {"align": {"left", "center", "right"}}
CLEANER = nh3.Cleaner(
    tags=ELEMENTS,
    attributes={"a": {"href"}, "ol": {"start"}, "*": set()},
    tag_attribute_values={"th": ALIGN, "td": ALIGN, **formula.ATTRIBUTES},
    set_tag_attribute_values={
        "a": {"target": "_blank"},
        # Code reads from the left. What can be scrolled must be reachable by keyboard, here and
        # below.
        "pre": {"dir": "ltr", "tabindex": "0"},
        # A list's marks and a quotation's line stand where its own text begins.
        **{tag: {"dir": "auto"} for tag in ("ul", "ol", "blockquote")},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener nofollow noreferrer",
)

# In what the renderer writes, < begins a tag of its own and nothing else: it escapes all others.
NESTING = re.compile(r"<(/?)(?:blockquote|[uo]l|em|strong|del)\b")
IMAGE = re.compile(r'<img src="([^"]*)" alt="([^"]*)"[^>]*>')
MATH = re.compile(r'<span data-math-style="(inline|display)">([^<]*)</span>')
DEFINITION = re.compile(r"^[ \t>*+-]{0,9}(\[[^\]\n]{1,200}\]:)[ \t]*<?([^\s<>]*)", re.MULTILINE)
CODE = re.compile(r'<pre><code(?: class="language-([^"]*)")?>')
LANGUAGE = re.compile(r"[\w+#.-]{1,20}")
HEADING = re.compile(r"<(/?)h([1-6])>")


def typed(text: str) -> str:
    """The text exactly as it is; the page's style keeps its lines and spaces."""
    return escape(text.encode(errors="replace").decode())


def paragraphs(text: str) -> str:
    """Sentences as paragraphs, and what begins with a dash as a list; names in them are text."""
    parts = []
    for dash, lines in groupby(text.splitlines(), lambda line: line.startswith("- ")):
        texts = [typed(line.removeprefix("- ")) for line in lines if line.strip()]
        items = "".join(f"<li>{text}</li>" if dash else f"<p>{text}</p>" for text in texts)
        parts.append(f"<ul>{items}</ul>" if dash else items)
    return "".join(parts)


def reply(text: str, copy: str = "Copy") -> str:
    """A reply's Markdown as HTML that loads nothing and has no class, id or style of its own.

    Pictures are shown as they are written. So is a whole reply that would take long to lay out, or
    would lose words. copy: what is written on the button that copies a block of code.
    """
    text = text.encode(errors="replace").decode()
    if len(text) > LONGEST:
        return _plain(text)
    extensions = _extensions(text)
    html = comrak.markdown_to_html(text, extension_options=extensions, render_options=RENDERING)
    if _deep(html) or _drops(text, html):
        return _plain(text)
    html = IMAGE.sub(r"![\2](\1)", html)
    html = MATH.sub(_formulas(), html)
    html = HEADING.sub(_levels(), html)
    bars = iter([_bar(language, copy) for language in CODE.findall(html)])
    html = CLEANER.clean(html)
    html = html.replace("</pre>", "</pre></div>")
    html = re.sub("<pre ", lambda _: f'<div class="code">{next(bars)}<pre ', html)
    html = html.replace('<math display="block">', '<math display="block" tabindex="0">')
    html = html.replace("<table>", '<div class="wide" tabindex="0"><table dir="auto">')
    return html.replace("</table>", "</table></div>")


def _extensions(text: str) -> comrak.ExtensionOptions:
    """What is read beside CommonMark. Two kinds are off where there are too many: for each of them
    the renderer looks through all the rest of the text."""
    formulas = text.count("\\(") + text.count("\\[") <= MOST
    links = text.count("://") + text.count("www.") + text.count("@") <= MOST
    return comrak.ExtensionOptions(
        table=True,
        strikethrough=True,
        autolink=links,
        math_dollars=True,
        math_latex=formulas,
        cjk_friendly_emphasis=True,
    )


def _bar(language: str, copy: str) -> str:
    """What stands over a block of code: its language, and a button that assets/page.js heeds."""
    name = language if LANGUAGE.fullmatch(language) else ""
    button = f'<button type="button" class="copy">{escape(copy)}</button>'
    return f'<div class="code-bar"><span>{name}</span>{button}</div>'


def _plain(text: str) -> str:
    return f'<div class="typed">{typed(text)}</div>'


def _deep(html: str) -> bool:
    depth = 0
    for match in NESTING.finditer(html):
        depth += -1 if match[1] else 1
        if depth > DEEPEST:
            return True
    return False


def _drops(text: str, html: str) -> bool:
    """Whether a line would be lost, since Markdown reads "[Tom]: Hello" as a link's address."""
    for number, match in enumerate(DEFINITION.finditer(text)):
        stands, used = escape(match[1]) in html, f'href="{escape(match[2])}"' in html
        if not (stands or used) or number > 50:
            return True
    return False


def _formulas():
    """What stands for each formula of a reply: MathML, or where that cannot be had its source."""
    left = FORMULAS

    def convert(match: re.Match) -> str:
        nonlocal left
        source = unescape(match[2])
        left -= len(source)
        math = formula.mathml(source.strip(), match[1] == "display") if left >= 0 else None
        return math or f"<code>{match[2]}</code>"

    return convert


def _levels():
    """What stands for a heading's tags: below the page's own, and never two levels down at once."""
    level = 1

    def convert(match: re.Match) -> str:
        nonlocal level
        if not match[1]:
            level = min(int(match[2]) + 1, level + 1, 6)
        return f"<{match[1]}h{level}>"

    return convert
