"""What visitors do in the panel of reasons, a listener each: choose reasons, save a comment."""

from collections.abc import Sequence

import gradio as gr
from pydantic import TypeAdapter, ValidationError

from arena.battle import reasons
from arena.battle.state import BattleView
from arena.models import Refused
from arena.pages.battle.reader import BattleReader
from arena.pages.battle.reasons import GROUPS, ReasonsPanel, note, updates
from arena.pages.composer import QUIET
from arena.pages.language import texts_of
from arena.pages.listener import Event, listener
from arena.pages.visitor import account, check_message
from arena.site.site import Site
from arena.texts import Texts
from arena.votes.reasons import KINDS

CHOSEN = TypeAdapter(list[list[str]])
AS_TEXT = "(...groups) => JSON.stringify(groups)"


class ReasonEvents(BattleReader):
    """The panel's listeners over one site."""

    def outputs(self, view: BattleView | None, request: gr.Request | None = None) -> tuple:
        """The panel as it should be, and the battle. What is typed as a comment stays."""
        panel, *groups, _, save, line, tally = updates(self.site.roster, view, texts_of(request))
        return panel, *groups, gr.skip(), save, line, tally, view

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
