"""Which language a visitor's page has, and texts of components that are made before anybody comes.

What an event writes is `texts_of(request)("table.name")`. What a component is made with is
`label("table.name")`: the page puts the text of the visitor's language in its place. Of Gradio 6.31
that works, as a browser shows, for a label, info, placeholder, value, submit_btn and stop_btn, for
choices, for a Tab, an Accordion and a Sidebar; and within longer Markdown or HTML for one name.

It does not work for a second name in one text, a Chatbot's examples, the heads of a Dataframe, a
warning, an error, the names of routes in a Navbar, the page's title, and attributes such as
aria-label within HTML. These are written by an event when the page is loaded.

Both sides take the first of the browser's languages that the page speaks: the server reads the
header Accept-Language, assets/page.js reads navigator.languages, which is the same list. The script
tells Gradio what it chose, so that Gradio's own words, ours and <html lang> never differ.
"""

import json
import re
from collections.abc import Mapping

import gradio as gr
from babel import negotiate_locale

from arena.texts import ENGLISH, LANGUAGES, Texts, entries, texts_in

NAME = re.compile(r'"__type__": "translation_metadata", "key": "([^"]+)"')
SCRIPT = "script."
"""The table of what assets/page.js says."""


def texts_of(request: gr.Request | None) -> Texts:
    """The texts in the language that the visitor's browser asks for."""
    header = request.headers.get("accept-language", "") if request is not None else ""
    return texts_in(negotiated(header))


def negotiated(header: str) -> str:
    """The page's language that an Accept-Language header prefers; English where there is none."""
    wanted = [_weighed(part) for part in header[:1000].split(",")]
    names = [name for weight, name in sorted(wanted, key=lambda one: -one[0]) if weight > 0]
    return negotiate_locale(names, LANGUAGES, sep="-") or LANGUAGES[0]


def _weighed(part: str) -> tuple[float, str]:
    name, _, weight = part.partition(";")
    try:
        return float(weight.strip().removeprefix("q=") or 1), name.strip()
    except ValueError:
        return 0.0, name.strip()


def label(name: str):
    """A text of a component that is made once for all visitors, by its name. Raises KeyError.

    It has no values: those are another visitor's, or another time's.
    """
    ENGLISH(name)
    return gr.I18n()(name)


def catalogues(config: Mapping[str, object]) -> gr.I18n:
    """What the page itself puts in the place of each `label`, in each language; and no more, since
    every visitor loads it. config: that of gr.Blocks."""
    names = sorted({*NAME.findall(repr(config))})
    return gr.I18n(
        **{language: {name: texts_in(language)(name) for name in names} for language in LANGUAGES}
    )


def script_texts() -> str:
    """What assets/page.js says, in each language, as an element of the page's head."""
    words: Mapping[str, Mapping[str, object]] = {
        language: {
            name.removeprefix(SCRIPT): text
            for name, text in entries(language).items()
            if name.startswith(SCRIPT)
        }
        for language in LANGUAGES
    }
    return f'<script type="application/json" id="page-texts">{_json(words)}</script>'


def _json(value: object) -> str:
    """JSON within a script element: no character in it ends one."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
