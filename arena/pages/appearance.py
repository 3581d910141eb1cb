"""How contenders and their replies look: the same colour and chip on every page."""

import json
from collections.abc import Iterable
from functools import lru_cache
from html import escape

from arena.pages import markup
from blend.conversation import Conversation, Turn
from blend.roster import Roster

WAITING = '<span class="waiting" role="status">writing<i></i><i></i><i></i></span>'
THINKING = WAITING.replace("writing", "thinking")

EMPTY = '<span class="failed">The reply is empty.</span>'


def style(roster: Roster) -> str:
    """One CSS class for each contender, so that its colour is the same wherever it shows."""
    return "".join(
        f".who-{n} {{ --who: {colour}; }}\n" for n, colour in enumerate(roster.colours.values())
    )


def chip(roster: Roster, name: str, more: str = "") -> str:
    """A contender's name on its colour, as HTML."""
    number = list(roster.colours).index(name)
    return f'<span class="chip who-{number}">{escape(name)}{escape(more)}</span>'


def ribbon(roster: Roster, conversation: Conversation) -> str:
    """Who wrote each reply so far, as a thin row of colours; empty before the first reply."""
    authors = [turn.draw.member for turn in conversation.turns if turn.draw and turn.has_reply]
    if not authors:
        return ""
    numbers = {name: n for n, name in enumerate(roster.colours)}
    marks = "".join(
        f'<span class="mark who-{numbers[name]}" title="reply {n}: {escape(name)}"></span>'
        for n, name in enumerate(authors, start=1)
    )
    label = f"Who wrote each reply so far: {escape(', '.join(authors))}"
    return f'<div class="ribbon" role="img" aria-label="{label}">{marks}</div>'


def transcript(
    turns: Iterable[Turn], roster: Roster | None = None, growing: bool = False
) -> list[dict[str, object]]:
    """Turns as Chatbot messages, two for each: what was asked, and what was answered.

    With a roster each reply carries its member's chip and chance, and its thoughts, folded. Without
    one nothing tells who wrote it: that is how a battle looks before its vote. Thoughts would tell,
    since not all think, and may name the model. growing: the last reply is being written.
    """
    messages: list[dict[str, object]] = []
    for turn in turns:
        prompt = f'<div class="typed" dir="auto" lang="">{markup.typed(turn.prompt)}</div>'
        messages.append(_message("user", f"{prompt}{_under(copy_button(turn.prompt))}"))
        parts = []
        if turn.has_reply:
            # lang: nobody knows which language it is in, only that it need not be the page's.
            html = _whole(turn.reply) if turn.finished else markup.reply(turn.reply)
            parts.append(f'<div class="reply" dir="auto" lang="">{html}</div>')
        if turn.error:
            parts.append(f'<span class="failed" role="alert">{escape(turn.error)}</span>')
        elif not turn.has_reply and not turn.finished:
            parts.append(THINKING if roster is not None and turn.thought else WAITING)
        if turn.has_reply:
            named = roster is not None and turn.draw
            who = chip(roster, turn.draw.member, f" · {turn.draw.chance:.0%}") if named else ""
            # While it grows all of it is sent again and again: once more would double that.
            whole = turn.finished or not growing
            parts.append(_under(who, copy_button(turn.reply) if whole else ""))
        over = turn.finished or turn.error or not growing
        if roster is not None and turn.draw and turn.thought.strip() and over:
            parts.append(_thoughts(turn.draw.member, turn.thought.strip()))
        messages.append(_message("assistant", "".join(parts) or EMPTY))
    return messages


@lru_cache(maxsize=256)
def _whole(reply: str) -> str:
    """A reply that grows no more. Kept, since all are shown anew while the next one grows."""
    return markup.reply(reply)


@lru_cache(maxsize=256)
def _thoughts(member: str, text: str) -> str:
    """What a member thought before it spoke, as it stands, to be unfolded."""
    html = f'<div class="typed" dir="auto" lang="">{markup.typed(text)}</div>'
    summary = f"Thoughts of <bdi>{escape(member)}</bdi>"
    return f'<details class="thoughts"><summary>{summary}</summary>{html}</details>'


def copy_button(text: str) -> str:
    """A button that copies the very text; assets/page.js is what it does."""
    # As JSON: HTML would change line ends and drop other characters.
    exact = json.dumps(text, ensure_ascii=False).encode(errors="backslashreplace").decode()
    return f'<button type="button" class="copy" data-text="{escape(exact)}">Copy</button>'


def _under(*parts: str) -> str:
    return f'<div class="under">{"".join(parts)}</div>'


def _message(role: str, html: str) -> dict[str, object]:
    """A message that Gradio shows as it is.

    A text it would read as Markdown of another kind, sanitise by a longer list, and read out, tags
    and all, as the message's label.
    """
    content = {"type": "component", "component": "html", "value": html}
    return {"role": role, "content": content | {"props": {}, "constructor_args": {}}}
