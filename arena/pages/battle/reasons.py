"""What visitors may say of their vote, once the names are shown: reasons as chips, and a comment.

A chip is saved as it is clicked. All of it can be left out: it comes after "New battle" for who
goes by the keyboard, and takes the focus from nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import gradio as gr

from arena.battle import reasons
from arena.battle.state import LETTERS, SIDES, BattleView
from arena.db.repositories.votes.reasons import LONGEST_COMMENT
from arena.models import ReasonKind, Side
from arena.pages.language import label
from arena.pages.votes.text import vote_line
from arena.texts import Texts, entries
from arena.votes.reasons import KINDS
from blend.roster import Roster

GROUPS: tuple[tuple[Side, ReasonKind], ...] = tuple(
    (side, kind) for side in SIDES for kind in ("good", "bad")
)
"""A group of chips for each side and kind; of a side, the vote tells which one is there."""


def updates(roster: Roster, view: BattleView | None, texts: Texts) -> tuple:
    """What the panel's components show: nothing at all before the vote.

    Where texts are not kept, no comment is asked for.
    """
    fitting, kept = reasons.offered(roster, view), roster.settings.texts
    if view is None or view.reveal is None:
        return gr.update(visible=False), *(gr.skip() for _ in GROUPS), *(gr.skip(),) * 4
    kinds = KINDS[view.reveal.choice]
    return (
        gr.update(visible=True),
        *(
            gr.update(
                visible=side in fitting and kinds[side] == kind,
                value=[r for r in view.notes.reasons.get(side, ()) if r in fitting.get(side, ())]
                if kinds[side] == kind
                else [],
            )
            for side, kind in GROUPS
        ),
        gr.update(visible=kept, value=view.notes.comment),
        gr.update(visible=kept),
        note(texts, "vote.optional") if fitting or kept else "",
        vote_line(view.tally, texts),
    )


def note(texts: Texts, name: str) -> str:
    """The line over the chips."""
    why, text = escape(texts("vote.why")), escape(texts(name))
    return f'<p class="note"><b>{why}</b> <span role="status">{text}</span></p>'


@dataclass(frozen=True, slots=True)
class ReasonsPanel:
    """The components, in the order of `updates`; and what is chosen, for the server."""

    panel: gr.Column
    groups: Sequence[gr.CheckboxGroup]
    comment: gr.Textbox
    save: gr.Button
    note: gr.HTML
    tally: gr.HTML
    chosen: gr.Textbox

    @property
    def components(self) -> list[gr.blocks.Block]:
        return [self.panel, *self.groups, self.comment, self.save, self.note, self.tally]


def build(roster: Roster) -> ReasonsPanel:
    """Make the components where this is called; they are hidden until there is a vote."""
    with gr.Column(visible=False, elem_id="duel-reasons") as panel:
        line = gr.HTML(elem_id="vote-note", padding=False, js_on_load="arena.nameChips(element)")
        with gr.Row(elem_classes="sides"):
            groups = []
            for side in SIDES:
                with gr.Column(min_width=260):
                    groups += [_chips(roster, side, kind) for of, kind in GROUPS if of == side]
        with gr.Row(elem_classes="comment"):
            comment = gr.Textbox(
                label=label("vote.comment"),
                placeholder=label("vote.comment_say"),
                lines=1,
                max_lines=4,
                max_length=LONGEST_COMMENT,
                container=False,
                elem_id="vote-comment",
            )
            save = gr.Button(label("vote.save"), size="sm", elem_id="vote-save", min_width=90)
        tally = gr.HTML(elem_id="vote-tally", padding=False)
    return ReasonsPanel(panel, groups, comment, save, line, tally, gr.Textbox(visible=False))


def _chips(roster: Roster, side: Side, kind: ReasonKind) -> gr.CheckboxGroup:
    choices = roster.reasons.good if kind == "good" else roster.reasons.bad
    letter = LETTERS[side].lower()
    return gr.CheckboxGroup(
        [(_text(reason), reason) for reason in choices],
        label=label(f"vote.{kind}_{letter}"),
        visible=False,
        elem_id=f"reasons-{letter}-{kind}",
        elem_classes="chips",
    )


def _text(reason: str):
    """What a chip says: in the visitor's language, or the host's own words."""
    return label(f"reasons.{reason}") if f"reasons.{reason}" in entries("en") else reason
