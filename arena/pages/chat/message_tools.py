"""What stands at each message of a chat: what can be done with it, and who wrote it and why.

Gradio's Chatbot has buttons of its own for this. They are not used: its `edit` works on messages of
text only, and ours are HTML (see `arena.pages.appearance`); `retry` and `undo` do not say which
message they are about, and neither do the thumbs; the other `feedback_options` open under the
mouse only. So the buttons are part of the message's own HTML, and assets/page.js hands a press to
the events of the ribbon beside it, which are Gradio's.
"""

from dataclasses import dataclass
from html import escape

from arena.pages.appearance import chip_button, copy_button, under, who
from arena.pages.chat.chances import chances_panel
from arena.pages.chat.sentences import writer_marks
from arena.pages.chat.thumb_reasons import reasons_panel
from arena.texts import Texts
from blend.conversation import Turn
from blend.roster import Roster
from blend.roster.site.reasons import Reasons


@dataclass(frozen=True, slots=True)
class MessageTools:
    """The tools of the messages of one chat.

    roster: None where nothing may tell who writes. last: the number of the last turn. texts: what
    the page says, by name. reasons: what may be given for a thumb. unfolded: the id of the turn
    whose reasons are open.
    """

    roster: Roster | None
    last: int
    texts: Texts
    reasons: Reasons
    unfolded: str = ""

    def of_prompt(self, number: int, turn: Turn) -> str:
        """Under a message of the visitor's."""
        copy = self._copy(turn.prompt, "chat.copy_message", number)
        return under(_actions(copy, self._button("edit", number)))

    def of_reply(self, number: int, turn: Turn) -> str:
        """Under a reply that is not being written any more."""
        drawn = turn.draw if self.roster is not None and turn.has_reply else None
        parts = []
        if turn.has_reply:
            parts.append(self._copy(turn.reply, "chat.copy_reply", number))
        if number == self.last:
            parts += [self._button("retry", number), self._button("undo", number)]
        if turn.has_reply:
            parts += [self._thumb(turn, number, value) for value in (1, -1)]
        asked = reasons_panel(self.reasons, number, turn, turn.id == self.unfolded, self.texts)
        if drawn is None:
            return f"{under(_actions(*parts))}{asked}"
        who = self.author(turn)
        if drawn.chance is None:  # a panel's drafts, which can be unfolded, say why
            return f"{under(who, _actions(*parts))}{asked}"
        label = escape(self.texts("chat.why_label", number=number))
        why = (
            f'<button type="button" class="quiet" data-act="why" aria-expanded="false"'
            f' aria-label="{label}">{escape(self.texts("chat.why"))}</button>'
        )
        panel = chances_panel(self.roster, drawn, self.texts, bool(turn.sentences))
        return f"{under(who, why, _actions(*parts))}{panel}{asked}"

    def author(self, turn: Turn) -> str:
        """The chip of who writes a reply, or those of who wrote its sentences; nothing where that
        may not be told."""
        if self.roster is None:
            return ""
        marks = writer_marks(turn, self.texts)
        return "".join(chip_button(self.roster, name, more) for name, more in marks.items())

    def whole(self, turn: Turn, role: str, html: str) -> str:
        """The message by its turn's id, and by who wrote it: all other turns can be dimmed."""
        own = ""
        if role == "assistant" and self.roster is not None and turn.draw and turn.has_reply:
            own = "".join(f" who-{who(self.roster, name)}" for name in dict.fromkeys(turn.writers))
        return f'<div class="said{own}" data-turn="{turn.id}">{html}</div>'

    def _button(self, act: str, number: int) -> str:
        return _icon(act, self.texts(f"chat.{act}", number=number))

    def _copy(self, text: str, name: str, number: int) -> str:
        return copy_button(text, "", self.texts(name, number=number))

    def _thumb(self, turn: Turn, number: int, value: int) -> str:
        name = "chat.good" if value == 1 else "chat.bad"
        pressed = "true" if turn.feedback == value else "false"
        label = self.texts(name, number=number)
        return _icon("good" if value == 1 else "bad", label, f' aria-pressed="{pressed}"')


def _icon(act: str, label: str, more: str = "") -> str:
    name = escape(label)
    return (
        f'<button type="button" class="icon" data-act="{act}" aria-label="{name}"'
        f' title="{name}"{more}></button>'
    )


def _actions(*parts: str) -> str:
    return f'<span class="actions">{"".join(parts)}</span>'
