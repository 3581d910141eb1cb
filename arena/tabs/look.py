"""How contenders and their replies look: the same colour and chip in every tab."""

import re
from collections.abc import Iterable
from html import escape

from blend.conversation import Conversation, Turn
from blend.roster import Roster

WAITING = '<span class="waiting" role="status">writing<i></i><i></i><i></i></span>'


def style(roster: Roster) -> str:
    """One CSS class for each contender, so that its colour is the same wherever it shows."""
    return "".join(
        f".who-{n} {{ --who: {colour}; }}\n" for n, colour in enumerate(roster.colours.values())
    )


CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)


def prose(text: str) -> str:
    """Markdown that shows HTML as it was typed and fetches no picture; code stays as it is.

    What a model says must neither dress up as the page nor call another machine from it.
    """
    parts = CODE.split(text)
    for n in range(0, len(parts), 2):
        parts[n] = parts[n].replace("<", "\\<").replace("![", "!\\[")
    return "".join(parts)


def chip(roster: Roster, name: str, more: str = "") -> str:
    """A contender's name on its colour, as HTML."""
    number = list(roster.colours).index(name)
    return f'<span class="chip who-{number}">{escape(name)}{escape(more)}</span>'


def ribbon(roster: Roster, conversation: Conversation) -> str:
    """Who wrote each reply so far, as a thin row of colours; empty before the first reply."""
    drawn = [turn.draw.member for turn in conversation.turns if turn.draw and turn.said]
    if not drawn:
        return ""
    numbers = {name: n for n, name in enumerate(roster.colours)}
    marks = "".join(
        f'<span class="mark who-{numbers[name]}" title="reply {n}: {escape(name)}"></span>'
        for n, name in enumerate(drawn, start=1)
    )
    told = f"Who wrote each reply so far: {escape(', '.join(drawn))}"
    return f'<div class="ribbon" role="img" aria-label="{told}">{marks}</div>'


def transcript(turns: Iterable[Turn], roster: Roster | None = None) -> list[dict[str, object]]:
    """Turns as Chatbot messages; with a roster, each reply carries its member's chip and chance.

    Without one nothing tells who wrote a reply: that is how a battle looks before its vote.
    """
    shown: list[dict[str, object]] = []
    for turn in turns:
        shown.append({"role": "user", "content": prose(turn.prompt)})
        parts = [prose(turn.reply)] if turn.said else []
        if turn.error:
            parts.append(f'<span class="failed" role="alert">{escape(turn.error)}</span>')
        elif not turn.said and not turn.finished:
            parts.append(WAITING)
        if roster is not None and turn.draw and turn.said:
            parts.append(chip(roster, turn.draw.member, f" · {turn.draw.chance:.0%}"))
        shown += [{"role": "assistant", "content": part} for part in parts]
    return shown
