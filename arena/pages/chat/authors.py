"""Who wrote what, above the box: a thin mark a reply or sentence, and the members with counts."""

from collections import Counter
from html import escape

from arena.pages.appearance import chip_button, who
from arena.texts import Texts
from blend.conversation import Conversation
from blend.roster import Roster


def authors(roster: Roster | None, conversation: Conversation | None, texts: Texts) -> str:
    """The ribbon and its legend; without a roster, or before the first reply, none of it.

    A mark goes to its reply; a member lights its turns up.
    """
    turns = conversation.turns if conversation and roster else ()
    replies = [(n, turn) for n, turn in enumerate(turns, 1) if turn.draw and turn.has_reply]
    written = [(n, turn, name) for n, turn in replies for name in turn.writers]
    if not written:
        return ""
    marks = []
    for n, turn, name in written:
        number, label = who(roster, name), f"{n}: {escape(name)}"
        marks.append(
            f'<button type="button" class="mark who-{number}" data-who="{number}" data-act="go"'
            f' data-turn="{turn.id}" aria-label="{label}" title="{label}" tabindex="-1"></button>'
        )
    marks[-1] = marks[-1].replace(' tabindex="-1"', "")  # the arrow keys reach the others
    counts = Counter(name for *_, name in written)
    legend = "".join(
        chip_button(roster, name, f" · {counts[name]}")
        for name in dict.fromkeys([*roster.colours, *counts])
        if name in counts
    )
    label = escape(texts("chat.authors"))
    return (
        f'<div class="authors">'
        f'<div class="ribbon" role="toolbar" aria-label="{label}">{"".join(marks)}</div>'
        f'<div class="legend">{legend}</div></div>'
    )
