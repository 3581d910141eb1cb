"""The arena page: one message, two hidden contenders side by side, one vote, then the names."""

import gradio as gr

from arena.pages.battle import modes
from arena.pages.battle.events import BattleEvents
from arena.pages.battle.view import battle_view
from arena.pages.composer import QUIET, Composer
from arena.pages.shell import Shell
from arena.pages.templates import sentence
from arena.site.site import Site

CHOICES = {
    "left": "A is better (1)",
    "right": "B is better (2)",
    "tie": "Tie (3)",
    "both_bad": "Both bad (4)",
}
# After a vote the focus goes to what came of it: on a button a space that is typed would press it.
READ = "() => focusOn('#duel-result .result')"
COPY = """async (text) => {
  try { await navigator.clipboard.writeText(text); } catch {
    // Only pages on https or on this machine have a clipboard; others can select and copy.
    const box = document.querySelector('#share-text textarea');
    box.focus(); box.select();
    if (!document.execCommand('copy')) return 'Press Ctrl+C to copy';
  }
  return 'Copied';
}"""


def build(site: Site, shell: Shell) -> None:
    """The page's components and their wiring. The box sleeps until the visitor is known."""
    events, visitor = BattleEvents(site), shell.visitor
    state, pending = gr.State(None), gr.State(None)
    mode = gr.HTML(modes.mode_bar(site.roster, named=False), elem_id="duel-mode")
    with gr.Row(elem_classes="picks"):
        picks = [_pick(site, letter) for letter in "AB"]
    with gr.Row(elem_classes="columns", equal_height=True):
        columns = [_column(letter) for letter in "AB"]
    result = gr.HTML(elem_id="duel-result")
    composer = Composer(
        sent=True,
        label="Your message to both",
        placeholder="One message for both…",
        submit_btn="Send to both",
        elem_id="duel-box",
    )
    status = gr.HTML(battle_view(site.roster, None)[3], elem_id="duel-status")
    with gr.Row(elem_classes="votes"):
        votes = {
            choice: gr.Button(label, interactive=False, elem_id=f"vote-{n}", min_width=130)
            for n, (choice, label) in enumerate(CHOICES.items(), start=1)
        }
    with gr.Row(elem_classes="tools"):
        again = gr.Button("Try again", visible=False, elem_id="again", size="sm", variant="primary")
        renew = gr.Button("New battle", interactive=False, elem_id="new-battle", size="sm")
    share = _share()
    openers = composer.openers(site.roster.openers)
    shown = gr.Textbox(visible=False)
    view = [*columns, composer.box, status, result, *votes.values()]
    view += [again, renew, *share, mode, *picks, shown, state]
    page = [state, visitor, shown]
    # The draft comes back first: once the box is awake, a message may be sent before it.
    composer.restore_after(shell.greeted).then(events.resume, visitor, view, **QUIET)
    lets_in = [*view, pending, composer.outgoing]
    let_in = (
        composer.box.submit(events.send, [*page, composer.box, *picks], lets_in, **QUIET),
        again.click(events.retry, page, lets_in, **QUIET),
    )
    growing = [*columns, state, pending, composer.incoming]
    replies = [
        event.then(events.reply, pending, growing, concurrency_id="replies", **QUIET)
        for event in let_in
    ]
    for event in let_in:
        composer.clear_after(event)
    for event in replies:
        composer.insert_after(event.then(events.done, page, view, **QUIET))
    stop_event = composer.box.stop(None, cancels=replies, **QUIET)
    stop_event = stop_event.then(events.stop, page, [*view, composer.incoming], **QUIET)
    composer.focus_after(composer.insert_after(stop_event))
    for choice, button in votes.items():
        vote_event = button.click(events.vote, [*page, gr.State(choice)], view, **QUIET)
        vote_event.then(None, None, None, js=READ, **QUIET)
    new_event = renew.click(None, cancels=replies, **QUIET).then(events.renew, page, view, **QUIET)
    composer.focus_after(new_event)
    for button in openers:
        composer.focus_after(button.click(events.begin, page, view, **QUIET))


def _pick(site: Site, letter: str) -> gr.Dropdown:
    """The list to choose the contender of a side from; only a named battle has it."""
    return gr.Dropdown(
        [spec.name for spec in site.roster.contenders],
        value=None,
        label=sentence("battle.pick", letter=letter),
        visible=False,
        elem_id=f"pick-{letter.lower()}",
        min_width=140,
    )


def _share() -> list[gr.components.Component | gr.Accordion]:
    """The battle as text, to be copied."""
    with gr.Accordion("Share this battle", visible=False, open=False, elem_id="share") as sharing:
        text = gr.Textbox(
            label="The battle as text", value="", lines=6, max_lines=12, elem_id="share-text"
        )
        copy = gr.Button("Copy as text", size="sm", elem_id="share-copy")
    copy.click(None, text, copy, js=COPY, **QUIET)
    return [sharing, text, copy]


def _column(letter: str) -> gr.Chatbot:
    return gr.Chatbot(
        label=letter,
        elem_id=f"column-{letter.lower()}",
        elem_classes="battle-column",
        placeholder=f"### {letter}\nhidden until you vote",
        buttons=[],
        feedback_options=None,
        height=None,
        min_width=300,
    )
