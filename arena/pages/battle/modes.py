"""The arena's modes: a blind battle, two chosen contenders side by side, one alone in the chat.

Each mode has an address of its own; to change the mode is to load another page. Every event of a
page comes with its address. The address is a claim: it is read only when a battle is opened. From
then on the database says what the battle is.
"""

from html import escape

import gradio as gr

from arena.models import Side
from arena.texts import Texts
from blend.roster import Roster

SIDE_BY_SIDE = "side-by-side"
"""The mode in the address of a page whose battles are named; any other text is a blind battle."""


def is_named(request: gr.Request | None) -> bool:
    """Whether the page has two contenders side by side, named."""
    return request is not None and request.query_params.get("mode") == SIDE_BY_SIDE


def mode_bar(texts: Texts, named: bool, direct: bool) -> str:
    """The modes as links, the open one marked, and in a line what it is for.

    No name of a contender is in it: a blind battle shows it, too. direct: whether one contender can
    be talked with alone.
    """
    about = [texts("battle.about_named" if named else "battle.about_blind")]
    links = [
        _link(texts("battle.blind"), "arena", here=not named),
        _link(texts("battle.named"), f"arena?mode={SIDE_BY_SIDE}", here=named),
    ]
    if direct:
        links.append(_link(texts("battle.direct"), "./?with=", here=False))
    else:
        links.append(f'<span aria-disabled="true">{escape(texts("battle.direct"))}</span>')
        about.append(texts("battle.direct_off"))
    return (
        f'<nav class="modes" aria-label="{escape(texts("battle.modes"))}">{"".join(links)}</nav>'
        f'<p class="mode-about">{escape(" ".join(about))}</p>'
    )


def _link(text: str, address: str, here: bool) -> str:
    current = ' aria-current="page"' if here else ""
    return f'<a href="{address}"{current}>{escape(text)}</a>'


def picked(roster: Roster, request: gr.Request | None) -> dict[Side, str]:
    """The two that a side-by-side page begins with: those of its address, `a` and `b`, or the focus
    and the first other one."""
    names = [spec.name for spec in roster.contenders]
    query = request.query_params if request is not None else {}
    left = query.get("a") if query.get("a") in names else roster.focus
    others = [name for name in names if name != left]
    right = query.get("b") if query.get("b") in others else others[0]
    return {"left": left, "right": right}
