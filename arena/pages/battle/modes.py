"""The arena's modes: a blind battle, two chosen contenders side by side, one alone in the chat.

A mode is a place with an address, and the page is loaded anew for another one. Every event of a
page comes with that address. What it says is a claim, of which only the opening of a battle makes
use: what a battle is stands in the database from then on.
"""

from html import escape

import gradio as gr

from arena.pages.templates import sentence
from blend.roster import Roster

NAMED = "side-by-side"
"""The mode in the address of a page whose battles are named; any other text is a blind battle."""


def is_named(request: gr.Request | None) -> bool:
    """Whether the page has two contenders side by side, named."""
    return request is not None and request.query_params.get("mode") == NAMED


def mode_bar(roster: Roster, named: bool) -> str:
    """The modes as links, the open one marked, and in a line what they are for."""
    about = sentence("battle.mode_named" if named else "battle.mode_blind")
    places = (
        ("battle.blind", "?", not named),
        ("battle.named", f"?mode={NAMED}", named),
        ("battle.direct", "./?with=", False),
    )
    links = []
    for name, address, here in places:
        text = escape(sentence(name))
        if name == "battle.direct" and roster.experiment:
            links.append(f'<span class="off" aria-disabled="true">{text}</span>')
            about += f" {sentence('battle.direct_off')}"
        else:
            current = ' aria-current="page"' if here else ""
            links.append(f'<a href="{escape(address)}"{current}>{text}</a>')
    label = escape(sentence("battle.modes"))
    return (
        f'<nav class="modes" aria-label="{label}">{"".join(links)}</nav>'
        f'<p class="mode-about">{escape(about)}</p>'
    )


def picked(roster: Roster, request: gr.Request | None) -> tuple[str, str]:
    """The two that a side-by-side page begins with: those of its address, `a` and `b`, or the focus
    and the first other one."""
    names = [spec.name for spec in roster.contenders]
    query = request.query_params if request is not None else {}
    left = query.get("a") if query.get("a") in names else roster.focus
    others = [name for name in names if name != left]
    right = query.get("b") if query.get("b") in others else others[0]
    return left, right
