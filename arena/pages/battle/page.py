"""The arena page: one message to two contenders, hidden or chosen, and one vote on them."""

import gradio as gr

from arena.pages.battle import reason_events, reasons
from arena.pages.battle.events import BattleEvents
from arena.pages.battle.modes import mode_bar
from arena.pages.battle.view import battle_view
from arena.pages.composer import QUIET, Composer, cancel_on
from arena.pages.language import label
from arena.pages.publication.notice import place_notice
from arena.pages.publication.withholding import place_withholding, renew_withholding
from arena.pages.shell import Shell
from arena.pages.votes.goal import place_goal, renew_goal
from arena.ranking.ballots import CHOICES
from arena.site.site import Site
from arena.texts import ENGLISH

# After a vote the focus goes to what came of it: on a button a space that is typed would press it.
READ = "() => focusOn('#duel-result .result')"
COPY = "async (text) => arena.copyShared(text)"


def build(site: Site, shell: Shell) -> None:
    """The page's components and their wiring. The box sleeps until the visitor is known."""
    events, visitor = BattleEvents(site), shell.visitor
    state, pending, shown = gr.State(None), gr.State(None), gr.Textbox(visible=False)
    first = battle_view(site.roster, None)
    with gr.Column(elem_id="duel"):
        bar = mode_bar(ENGLISH, named=False, direct=not site.roster.experiment)
        mode = gr.HTML(bar, elem_id="duel-mode")
        with gr.Row(elem_id="duel-picks"):
            picks = [_pick(site, side) for side in "ab"]
        with gr.Column(elem_id="duel-stage"):
            with gr.Row(elem_id="duel-columns", elem_classes="columns"):
                columns = [_column(side) for side in "ab"]
            openers = gr.Row(elem_id="duel-openers")
        with gr.Column(elem_id="duel-verdict"):
            result = gr.HTML(elem_id="duel-result")
        with gr.Column(elem_id="duel-dock"):
            with gr.Row(elem_id="duel-now"):
                status = gr.HTML(first[3], elem_id="duel-status", min_width=0)
                again, renew = _tools()
            votes = _votes()
            private = place_notice(site, shell)
            composer = _composer()
            goal = place_goal(site, shell)
        # What comes after "New battle" for who goes by the keyboard; the style sheet has it before.
        panel = reasons.build(site.roster)
        kept_back = place_withholding(site, [state, visitor, shown])
        share = _share()
    with openers:
        composer.openers(site.roster.openers)
    view = [*columns, composer.box, status, result, *votes.values()]
    view += [again, renew, *panel.components, *share, mode, *picks, shown, state]
    page = [state, visitor, shown]
    reason_events.wire(site, panel, page, state)
    # The draft comes back first: once the box is awake, a message may be sent before it.
    resumed = composer.restore_after(shell.greeted).then(
        events.resume, visitor, [*view, composer.outgoing], **QUIET
    )
    composer.return_after(resumed)
    lets_in = [*view, pending, composer.outgoing]
    let_in = (
        composer.box.submit(events.send, [*page, composer.box, *picks, *private], lets_in, **QUIET),
        again.click(events.retry, page, lets_in, **QUIET),
    )
    growing = [*columns, state, pending, composer.incoming, composer.box, renew]
    replies = [
        event.then(events.reply, pending, growing, concurrency_id="replies", **QUIET)
        for event in let_in
    ]
    for event in let_in:
        composer.clear_after(event)
    for event in replies:
        composer.insert_after(event.then(events.done, page, view, **QUIET))
    cancel_on(composer.box.stop, replies)
    stop_event = composer.box.stop(events.stop, page, [*view, composer.incoming], **QUIET)
    composer.focus_after(composer.insert_after(stop_event))
    for choice, button in votes.items():
        vote_event = button.click(events.vote, [*page, gr.State(choice)], view, **QUIET)
        vote_event.then(None, None, None, js=READ, **QUIET)
        renew_goal(site, goal, vote_event)
        renew_withholding(kept_back, page, vote_event)
    cancel_on(renew.click, [*let_in, *replies, resumed])
    new_event = renew.click(events.renew, page, [*view, pending], **QUIET)
    composer.focus_after(new_event)
    renew_withholding(kept_back, page, resumed, new_event)


def _votes() -> dict[str, gr.Button]:
    """The bar that sleeps until both have finished; a button for each choice."""
    with gr.Row(elem_id="duel-votes", elem_classes="votes"):
        return {
            choice: gr.Button(
                label(f"vote.{choice}"), interactive=False, elem_id=f"vote-{n}", min_width=0
            )
            for n, choice in enumerate(CHOICES, start=1)
        }


def _composer() -> Composer:
    """The box for both."""
    return Composer(
        sent=True,
        label=label("battle.message"),
        show_label=False,
        placeholder=label("battle.say"),
        submit_btn=label("battle.send"),
        elem_id="duel-box",
    )


def _tools() -> tuple[gr.Button, gr.Button]:
    """To try once more who did not finish, and to begin anew."""
    again = gr.Button(
        label("battle.again"), visible=False, elem_id="again", size="sm", variant="primary"
    )
    renew = gr.Button(label("battle.renew"), interactive=False, elem_id="new-battle", size="sm")
    return again, renew


def _pick(site: Site, side: str) -> gr.Dropdown:
    """The list to choose the contender of a side from; only a named battle has it."""
    return gr.Dropdown(
        [spec.name for spec in site.roster.contenders],
        value=None,
        label=label(f"battle.pick_{side}"),
        visible=False,
        elem_id=f"pick-{side}",
        min_width=140,
    )


def _share() -> list[gr.components.Component | gr.Accordion]:
    """The battle as text, to be copied."""
    with gr.Accordion(label("battle.share"), visible=False, open=False, elem_id="share") as sharing:
        text = gr.Textbox(
            label=label("battle.share_text"), value="", lines=6, max_lines=12, elem_id="share-text"
        )
        copy = gr.Button(label("battle.share_copy"), size="sm", elem_id="share-copy")
    copy.click(None, text, copy, js=COPY, **QUIET)
    return [sharing, text, copy]


def _column(side: str) -> gr.Chatbot:
    return gr.Chatbot(
        label=label(f"battle.{side}"),
        elem_id=f"column-{side}",
        elem_classes="battle-column",
        buttons=[],
        feedback_options=None,
        height=None,
        min_width=0,
    )
