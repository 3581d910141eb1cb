"""The arena tab: one message, two hidden contenders side by side, one vote, then the names."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import gradio as gr

from arena import battle
from arena.comeback import back
from arena.records import Refused
from arena.site import Site
from arena.stage import Stage
from arena.tabs import guest
from arena.tabs.refusal import Refusals, may_speak, tell
from arena.tabs.scene import scene
from blend.conversation import checked

CHOICES = {
    "left": "A is better (1)",
    "right": "B is better (2)",
    "tie": "Tie (3)",
    "both_bad": "Both bad (4)",
}
BROKEN = (
    "What was said could not be stored, so this battle does not count. "
    "Send your message to two others."
)
POLL = 1.0
"""Seconds between two looks at a battle that another window is writing."""

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


class Duel:
    """The tab's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site

    async def resume(self, visitor: str | None):
        """The visitor's latest battle, when the page is loaded; from now on they can type."""
        stage = None
        try:
            if isinstance(visitor, str) and visitor:
                stage = await back(self.site, visitor)
                while stage is not None and stage.elsewhere:
                    yield self.view(stage)
                    await asyncio.sleep(POLL)
                    stage = await back(self.site, visitor)
        except Refusals as refusal:
            tell(refusal)
        yield self.view(stage)

    async def send(
        self, text: str, stage: Stage | None, visitor: str | None, request: gr.Request | None = None
    ):
        """One message to both sides; the first one opens the battle."""
        if not may_speak(self.site, visitor):
            yield gr.skip()
            return
        try:
            checked(text, self.site.settings.longest_message)
            await guest.admit(self.site, visitor, request, text)
            if stage is None or stage.over:
                origin = guest.address(self.site, request)
                stage = await battle.open_battle(self.site, visitor, origin)
            async with aclosing(battle.fight(self.site, stage, text)) as growing:
                async for stage in growing:
                    yield self.view(stage, kept=text if stage.status == "void" else None)
        except Refusals as refusal:
            yield self.view(await self._after(refusal, stage, visitor), kept=text)

    async def again(
        self, stage: Stage | None, visitor: str | None, request: gr.Request | None = None
    ):
        """Who did not finish is asked once more."""
        if stage is None or not stage.retry or not may_speak(self.site, visitor):
            yield gr.skip()
            return
        try:
            await guest.admit(self.site, visitor, request)
            async with aclosing(battle.again(self.site, stage)) as growing:
                async for stage in growing:
                    yield self.view(stage, kept="" if stage.status == "ready" else None)
        except Refusals as refusal:
            yield self.view(await self._after(refusal, stage, visitor))

    async def vote(
        self,
        choice: str,
        stage: Stage | None,
        visitor: str | None,
        request: gr.Request | None = None,
    ):
        """The vote and, only once it is committed, the names."""
        if stage is None:
            gr.Warning("There is no battle to vote on yet: send a message first.")
            return gr.skip()
        if visitor != stage.visitor:
            gr.Warning("This is another visitor's battle: only they can vote on it.")
            return gr.skip()
        try:
            self.site.guard.vote(visitor, guest.account(self.site, request))
            return self.view(await battle.vote(self.site, stage, choice))
        except Refusals as refusal:
            return self.view(await self._after(refusal, stage, visitor))

    async def renew(self, stage: Stage | None, kept: str | None = None):
        """A new battle; one that is left without a vote is kept as skipped."""
        if stage is not None:
            try:
                await battle.leave(self.site, stage)
            except Refusals as refusal:
                return self.view(await self._after(refusal, stage, stage.visitor))
        return self.view(None, kept)

    async def begin(self, text: str, stage: Stage | None):
        """An example into the box; where the battle has its vote, that of a new one."""
        if stage is not None and stage.status == "voted":
            return await self.renew(stage, text)
        return self.view(stage, None if stage and stage.status == "streaming" else text)

    async def _after(self, refusal: Exception, stage: Stage | None, visitor: str) -> Stage | None:
        """Say why not; a rule may have spoken of what this page does not show, so look again."""
        tell(refusal)
        broken = stage is not None and stage.status == "streaming"
        if stage is None or not (broken or isinstance(refusal, Refused)):
            return stage
        try:
            return await back(self.site, visitor)
        except Refusals:
            return replace(stage, status="void", note=BROKEN) if broken else stage

    def view(self, stage: Stage | None, kept: str | None = None) -> tuple:
        """The tab's outputs for a stage; see `arena.tabs.scene`."""
        return scene(self.site.roster, stage, kept)


def build(site: Site, visitor: gr.BrowserState, greeted: gr.events.Dependency) -> None:
    """The tab's components and their wiring. The box sleeps until the visitor is known."""
    duel = Duel(site)
    stage = gr.State(None)
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
    replies = quiet | {"concurrency_id": "replies"}
    greeted.then(duel.resume, visitor, view, **quiet)
    box.submit(duel.send, [box, stage, visitor], view, **replies)
    again.click(duel.again, [stage, visitor], view, **replies)
    for choice, button in votes.items():
        voted = button.click(_voter(duel, choice), [stage, visitor], view, **quiet)
        voted.then(None, None, None, js=FOCUS, **quiet)
    renew.click(duel.renew, stage, view, **quiet).then(None, None, None, js=TYPE, **quiet)
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


def _opener(duel: Duel, text: str):
    async def begin(stage: Stage | None):
        return await duel.begin(text, stage)

    return begin
