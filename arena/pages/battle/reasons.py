"""What visitors may say of their vote, once the names are shown: reasons as chips, and a comment.

A chip is saved as it is clicked. All of it can be left out: it comes after "New battle" for who
goes by the keyboard, and takes the focus from nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import gradio as gr
from pydantic import TypeAdapter, ValidationError

from arena.battle import reasons
from arena.battle.resume import resume_battle
from arena.battle.state import LETTERS, SIDES, BattleView
from arena.models import ReasonKind, Refused, Side
from arena.pages.composer import QUIET
from arena.pages.language import label, texts_of
from arena.pages.listener import Event, listener
from arena.pages.visitor import account, check_message
from arena.pages.votes.text import vote_line
from arena.site.site import Site
from arena.texts import Texts, entries
from arena.votes.reasons import KINDS
from blend.roster import Roster

GROUPS: tuple[tuple[Side, ReasonKind], ...] = tuple(
    (side, kind) for side in SIDES for kind in ("good", "bad")
)
"""A group of chips for each side and kind; of a side, the vote tells which one is there."""

CHOSEN = TypeAdapter(list[list[str]])
AS_TEXT = "(...groups) => JSON.stringify(groups)"

LONGEST = 1_000
"""Characters of a comment."""


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
        told = gr.HTML(elem_id="vote-note", padding=False, js_on_load="arena.nameChips(element)")
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
                max_length=LONGEST,
                container=False,
                elem_id="vote-comment",
            )
            save = gr.Button(label("vote.save"), size="sm", elem_id="vote-save", min_width=90)
        tally = gr.HTML(elem_id="vote-tally", padding=False)
    return ReasonsPanel(panel, groups, comment, save, told, tally, gr.Textbox(visible=False))


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


class ReasonEvents:
    """The panel's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site

    async def load(self, id: str, visitor: str) -> BattleView | None:
        """The visitor's battle; None where there is none of that id. Raises StoreError."""
        return await resume_battle(self.site, visitor, id)

    async def reload(self, view: BattleView, visitor: str) -> BattleView | None:
        """The same battle as the database has it now. Raises StoreError."""
        return await resume_battle(self.site, visitor, view.battle, known=view)

    def outputs(self, view: BattleView | None, request: gr.Request | None = None) -> tuple:
        """The panel as it should be, and the battle."""
        return *updates(self.site.roster, view, texts_of(request)), view

    @listener()
    async def give(self, event: Event[BattleView], chosen: str) -> tuple:
        """Save what is chosen. The chips stay as they are: another one may be clicked by now."""
        view = event.state
        if view is None or view.reveal is None:
            return gr.skip()
        self._check(event)
        kinds, groups = KINDS[view.reveal.choice], zip(GROUPS, _parsed(chosen), strict=True)
        given = {side: each for (side, kind), each in groups if kinds[side] == kind}
        return self._saved(event.texts, await reasons.give(self.site, view, given))

    @listener()
    async def comment(self, event: Event[BattleView], text: str) -> tuple:
        """Save the comment, or take it back."""
        view = event.state
        if view is None or view.reveal is None:
            return gr.skip()
        self._check(event)
        await check_message(self.site, event.visitor, event.request, text or "")
        return self._saved(event.texts, await reasons.comment(self.site, view, text or ""))

    def _check(self, event: Event[BattleView]) -> None:
        if event.visitor != event.state.visitor:
            raise Refused("refusals.reason_foreign")
        self.site.guard.check_account(event.visitor, account(self.site, event.request))

    def _saved(self, texts: Texts, view: BattleView) -> tuple:
        kept = (gr.skip() for _ in range(len(GROUPS) + 3))
        return *kept, note(texts, "vote.saved"), gr.skip(), view


def _parsed(chosen: str) -> list[list[str]]:
    """What is chosen in each of GROUPS, as the browser says. Raises Refused where it is odd."""
    try:
        groups = CHOSEN.validate_json(chosen or "", strict=True)
    except ValidationError:
        groups = []
    if len(groups) != len(GROUPS):
        raise Refused("refusals.no_reason")
    return groups


def wire(
    site: Site, panel: ReasonsPanel, page: Sequence[gr.components.Component], state: gr.State
) -> None:
    """Save at each click. page: what every listener is given: state, visitor, what is shown."""
    events, outputs, chosen = ReasonEvents(site), [*panel.components, state], panel.chosen
    # As one text: Gradio reads chips strictly, and what is sent may be anything.
    clicks = [group.input for group in panel.groups]
    click_event = gr.on(clicks, None, panel.groups, chosen, js=AS_TEXT, **QUIET)
    # Of several quick clicks the page sends what is chosen after all of them.
    click_event.then(events.give, [*page, chosen], outputs, trigger_mode="always_last", **QUIET)
    gr.on(
        [panel.save.click, panel.comment.submit],
        events.comment,
        [*page, panel.comment],
        outputs,
        trigger_mode="once",
        **QUIET,
    )
