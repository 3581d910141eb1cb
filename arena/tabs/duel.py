"""The arena tab: one message, two hidden contenders side by side, one vote, then the names."""

import gradio as gr

from arena.site import Site
from arena.stage import Stage
from arena.tabs.rounds import Duel
from arena.tabs.scene import scene

CHOICES = {
    "left": "A is better (1)",
    "right": "B is better (2)",
    "tie": "Tie (3)",
    "both_bad": "Both bad (4)",
}
FOCUS = "() => { document.querySelector('#new-battle:not(:disabled)')?.focus(); }"
TYPE = "() => { document.querySelector('#duel-box textarea:not(:disabled)')?.focus(); }"
COPY = """async (text) => {
  try { await navigator.clipboard.writeText(text); } catch {
    // Only pages on https or on this machine have a clipboard; others can select and copy.
    const box = document.querySelector('#share-text textarea');
    box.focus(); box.select();
    if (!document.execCommand('copy')) return 'Press Ctrl+C to copy';
  }
  return 'Copied';
}"""


def build(site: Site, visitor: gr.BrowserState, greeted: gr.events.Dependency) -> None:
    """The tab's components and their wiring. The box sleeps until the visitor is known."""
    duel = Duel(site)
    stage, asked, kept = gr.State(None), gr.State(None), gr.State(None)
    with gr.Row(elem_classes="columns", equal_height=True):
        columns = [_column(letter) for letter in "AB"]
    result = gr.HTML(elem_id="duel-result")
    box = gr.Textbox(
        label="Your message to both",
        placeholder="One message for both…",
        submit_btn="Send to both",
        elem_id="duel-box",
        interactive=False,
        value="",
        max_lines=6,
    )
    status = gr.HTML(scene(site.roster, None)[3], elem_id="duel-status")
    with gr.Row(elem_classes="votes"):
        votes = {
            choice: gr.Button(label, interactive=False, elem_id=f"vote-{n}", min_width=130)
            for n, (choice, label) in enumerate(CHOICES.items(), start=1)
        }
    with gr.Row(elem_classes="tools"):
        again = gr.Button("Try again", visible=False, elem_id="again", size="sm", variant="primary")
        renew = gr.Button("New battle", interactive=False, elem_id="new-battle", size="sm")
    with gr.Accordion("Share this battle", visible=False, open=False, elem_id="share") as sharing:
        shared = gr.Textbox(
            label="The battle as text", value="", lines=6, max_lines=12, elem_id="share-text"
        )
        copy = gr.Button("Copy as text", size="sm", elem_id="share-copy")
    with gr.Row(elem_classes="openers"):
        openers = [gr.Button(text, size="sm") for text in site.roster.openers]
    more = [again, renew, sharing, shared, copy]
    view = [*columns, box, status, result, *votes.values(), *more, stage]
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    greeted.then(duel.resume, visitor, view, **quiet)
    lets_in = [*view, asked]
    writing = [
        let_in.then(
            duel.fight,
            [asked, stage],
            [*columns, stage, asked, kept],
            concurrency_id="replies",
            **quiet,
        )
        for let_in in (
            box.submit(duel.send, [box, stage, visitor], lets_in, **quiet),
            again.click(duel.again, [stage, visitor], lets_in, **quiet),
        )
    ]
    for event in writing:
        event.then(_finisher(duel), [stage, kept], [*view, kept], **quiet)
    for choice, button in votes.items():
        voted = button.click(_voter(duel, choice), [stage, visitor], view, **quiet)
        voted.then(None, None, None, js=FOCUS, **quiet)
    stopped = renew.click(None, cancels=writing, **quiet)
    renewed = stopped.then(_renewer(duel), stage, view, **quiet)
    renewed.then(None, None, None, js=TYPE, **quiet)
    copy.click(None, shared, copy, js=COPY, **quiet)
    for button in openers:
        begun = button.click(_opener(duel, button.value), stage, view, **quiet)
        begun.then(None, None, None, js=TYPE, **quiet)


def _column(letter: str) -> gr.Chatbot:
    return gr.Chatbot(
        label=letter,
        elem_id=f"column-{letter.lower()}",
        elem_classes="battle-column",
        placeholder=f"### {letter}\nhidden until you vote",
        buttons=[],
        latex_delimiters=[],
        allow_tags=False,
        feedback_options=None,
        height=None,
        min_width=300,
    )


def _voter(duel: Duel, choice: str):
    async def vote(stage: Stage | None, visitor: str | None, request: gr.Request):
        return await duel.vote(choice, stage, visitor, request)

    return vote


def _finisher(duel: Duel):
    async def done(stage: Stage | None, kept: str | None, request: gr.Request):
        return await duel.done(stage, kept, request)

    return done


def _renewer(duel: Duel):
    async def renew(stage: Stage | None, request: gr.Request):
        return await duel.renew(stage, None, request)

    return renew


def _opener(duel: Duel, text: str):
    async def begin(stage: Stage | None, request: gr.Request):
        return await duel.begin(text, stage, request)

    return begin
