"""How contenders and their replies look: the same colour and chip on every page."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape
from typing import Protocol

from arena.pages import markup
from arena.pages.chat.drafts import drafts_fold
from arena.pages.chat.sentences import sentences_fold, writer_marks
from arena.texts import ENGLISH, Texts
from blend.conversation import Conversation, Turn
from blend.roster import Roster

STOPPED = ENGLISH("replies.stopped")
"""What stands at a reply that its visitor stopped: its error, where it had not begun."""


GONE = "gone"
"""For a contender that was taken out of the roster."""


def style(roster: Roster) -> str:
    """One CSS class for each contender, so that its colour is the same wherever it shows; and while
    one is lit up, all but its own turns are dim."""
    colours = {str(n): colour for n, colour in enumerate(roster.colours.values())}
    return "".join(
        f".who-{who} {{ --who: {colour}; }}\n"
        f'[data-lit="{who}"] .said:not(.who-{who}) {{ opacity: .3; }}\n'
        for who, colour in (colours | {GONE: "var(--ink-quiet)"}).items()
    )


def who(roster: Roster, name: str) -> str:
    """The end of a contender's CSS class: its place in the roster, or that it has left it. What it
    wrote before stays."""
    names = [*roster.colours]
    return str(names.index(name)) if name in names else GONE


def chip(roster: Roster, name: str, more: str = "") -> str:
    """A contender's name on its colour, as HTML."""
    return f'<span class="chip who-{who(roster, name)}">{escape(name)}{escape(more)}</span>'


def chip_button(roster: Roster, name: str, more: str = "") -> str:
    """A member's chip that lights its turns up; assets/page.js does it."""
    number = who(roster, name)
    return (
        f'<button type="button" class="chip who-{number}" data-who="{number}" data-act="light"'
        f' aria-pressed="false">{escape(name)}{escape(more)}</button>'
    )


def ribbon(roster: Roster, conversation: Conversation, texts: Texts) -> str:
    """Who wrote each reply so far, as a thin row of colours; empty before the first reply."""
    turns = [turn for turn in conversation.turns if turn.draw and turn.has_reply]
    written = [(n, name) for n, turn in enumerate(turns, start=1) for name in turn.writers]
    authors = [name for _, name in written]
    if not authors:
        return ""
    marks = "".join(
        f'<span class="mark who-{who(roster, name)}" title="{n}: {escape(name)}"></span>'
        for n, name in written
    )
    label = escape(f"{texts('chat.authors')}: {texts.listed(authors)}")
    return f'<div class="ribbon" role="img" aria-label="{label}">{marks}</div>'


class Tools(Protocol):
    """What stands around a message. number: of the turn, from 1."""

    def of_prompt(self, number: int, turn: Turn) -> str:
        """Under a message of the visitor's, as HTML."""

    def of_reply(self, number: int, turn: Turn) -> str:
        """Under a reply that is not being written any more."""

    def author(self, turn: Turn) -> str:
        """Who writes it; nothing where that may not be told."""

    def whole(self, turn: Turn, role: str, html: str) -> str:
        """The message with all that stands around it."""


@dataclass(frozen=True, slots=True)
class PlainTools:
    """Who wrote a reply, where a roster tells it, and a button that copies: all a battle has."""

    roster: Roster | None
    texts: Texts

    def of_prompt(self, number: int, turn: Turn) -> str:
        """A button that copies it."""
        return under(copy_button(turn.prompt, self.texts("script.copy")))

    def of_reply(self, number: int, turn: Turn) -> str:
        """Its author, and a button that copies it."""
        return under(self.author(turn), self._copy(turn)) if turn.has_reply else ""

    def author(self, turn: Turn) -> str:
        """A chip, or one for each who wrote a sentence."""
        if self.roster is None:
            return ""
        marks = writer_marks(turn, self.texts)
        return "".join(chip(self.roster, name, more) for name, more in marks.items())

    def whole(self, turn: Turn, role: str, html: str) -> str:
        """Nothing more."""
        return html

    def _copy(self, turn: Turn) -> str:
        return copy_button(turn.reply, self.texts("script.copy"))


def transcript(
    turns: Iterable[Turn],
    texts: Texts,
    roster: Roster | None = None,
    growing: bool = False,
    tools: Tools | None = None,
    first: int = 1,
) -> list[dict[str, object]]:
    """Turns as Chatbot messages, two for each: what was asked, and what was answered.

    With a roster each reply carries its member's chip and chance, and folded its thoughts, who
    wrote which sentence, and a panel's drafts. Without one nothing tells who wrote it: that is how
    a battle looks before its vote. Thoughts would tell, since not all think, and may name the
    model. growing: the last reply is being written; then it is sent again and again, so it comes
    without what would double it. tools: what stands under the messages, where that is more. first:
    the number of the first of these turns in its conversation.
    """
    tools = tools or PlainTools(roster, texts)
    messages: list[dict[str, object]] = []
    for number, turn in enumerate(turns, start=first):
        prompt = f'<div class="typed" dir="auto" lang="">{markup.typed(turn.prompt)}</div>'
        prompt += tools.of_prompt(number, turn)
        messages.append(_message("user", tools.whole(turn, "user", prompt)))
        reply = _answer(number, turn, roster, growing, tools, texts)
        messages.append(_message("assistant", tools.whole(turn, "assistant", reply)))
    return messages


def _answer(
    number: int, turn: Turn, roster: Roster | None, growing: bool, tools: Tools, texts: Texts
) -> str:
    """A reply with what stands under it, as HTML. roster: None where nothing tells its members."""
    named = roster is not None
    over, parts = bool(turn.finished or turn.error or not growing), []
    if turn.has_reply:
        # lang: nobody knows which language it is in, only that it need not be the page's.
        copy = texts("script.copy")
        html = (_finished if turn.finished else markup.reply)(turn.reply, copy)
        parts.append(f'<div class="reply" dir="auto" lang="">{html}</div>')
    if turn.error:
        error = texts.translated(turn.error)
        parts.append(f'<span class="failed" role="alert">{escape(error)}</span>')
    elif not turn.has_reply and turn.finished:
        parts.append(f'<span class="failed">{escape(texts("transcript.empty"))}</span>')
    elif turn.has_reply and over and not turn.finished:
        parts.append(f'<span class="stopped">{escape(texts.translated(STOPPED))}</span>')
    elif not turn.has_reply:
        parts.append(waiting(texts, thinks=named and bool(turn.thought)))
    if over:
        parts.append(tools.of_reply(number, turn))
    elif turn.has_reply:
        parts.append(under(tools.author(turn)))
    if named and turn.draw and turn.thought.strip() and over:
        parts.append(_thoughts(turn.draw.member, turn.thought.strip(), texts))
    if named and turn.selection and over:
        parts.append(drafts_fold(turn.selection, partial(chip, roster), texts))
    if named and turn.sentences and turn.has_reply and over:
        parts.append(sentences_fold(turn, partial(who, roster), texts))
    return "".join(parts)


def waiting(texts: Texts, thinks: bool = False) -> str:
    """What stands in the place of a reply that has not begun."""
    word = escape(texts("transcript.thinking" if thinks else "transcript.writing"))
    return f'<span class="waiting" role="status">{word}<i></i><i></i><i></i></span>'


@lru_cache(maxsize=1024)
def _finished(reply: str, copy: str) -> str:
    """A reply that grows no more. Kept, since all are shown anew while the next one grows."""
    return markup.reply(reply, copy)


@lru_cache(maxsize=256)
def _thoughts(member: str, text: str, texts: Texts) -> str:
    """What a member thought before it spoke, as it stands, to be unfolded."""
    html = f'<div class="typed" dir="auto" lang="">{markup.typed(text)}</div>'
    summary = escape(texts("transcript.thoughts", member="\0")).replace(
        "\0", f"<bdi>{escape(member)}</bdi>"
    )
    return f'<details class="thoughts"><summary>{summary}</summary>{html}</details>'


def copy_button(text: str, shown: str, label: str = "") -> str:
    """A button that copies the very text; assets/page.js is what it does.

    label: what it is called, where it shows an icon.
    """
    # As JSON: HTML would change line ends and drop other characters.
    exact = json.dumps(text, ensure_ascii=False).encode(errors="backslashreplace").decode()
    name = escape(label)
    more = f' icon" aria-label="{name}" title="{name}"' if label else '"'
    return (
        f'<button type="button" class="copy{more} data-text="{escape(exact)}">'
        f"{escape(shown)}</button>"
    )


def under(*parts: str) -> str:
    """The row under a message."""
    return f'<div class="under">{"".join(parts)}</div>'


def _message(role: str, html: str) -> dict[str, object]:
    """A message that Gradio shows as it is.

    A text it would read as Markdown of another kind, sanitise by a longer list, and read out, tags
    and all, as the message's label.
    """
    content = {"type": "component", "component": "html", "value": html}
    return {"role": role, "content": content | {"props": {}, "constructor_args": {}}}
