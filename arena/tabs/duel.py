"""The arena tab: one message, two hidden contenders side by side, one vote, then the names."""

from contextlib import aclosing
from dataclasses import replace
from html import escape

import gradio as gr

from arena import battle
from arena.battle import Stage
from arena.integrity import explained
from arena.records import Contender
from arena.site import Site
from arena.tabs import guest
from arena.tabs.look import chip, ribbon, transcript
from arena.tabs.refusal import Refusals, may_speak, tell
from blend.conversation import Conversation, checked

CHOICES = {
    "left": "A is better (1)",
    "right": "B is better (2)",
    "tie": "Tie (3)",
    "both_bad": "Both bad (4)",
}
SAID = {"left": "A is better", "right": "B is better", "tie": "a tie", "both_bad": "both bad"}
ASLEEP = {
    "new": "Two hidden contenders will answer: Blended and one single model. Send a message.",
    "created": "Two hidden contenders will answer: Blended and one single model. Send a message.",
    "streaming": "Both are answering. You can vote when both have finished.",
    "ready": "Go on, or vote. The names are shown after your vote.",
    "voted": "Your vote is in.",
}


FOCUS = "() => { document.querySelector('#new-battle:not(:disabled)')?.focus(); }"


class Duel:
    """The tab's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site

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
            if stage is None or stage.status in ("voted", "void"):
                origin = guest.address(self.site, request)
                stage = await battle.open_battle(self.site, visitor, origin)
            async with aclosing(battle.fight(self.site, stage, text)) as growing:
                async for stage in growing:
                    yield self.view(stage, kept=text if stage.status == "void" else None)
        except Refusals as refusal:
            tell(refusal)
            if stage is not None and stage.status == "streaming":
                stage = replace(stage, status="void", note=battle.BROKEN)
            yield self.view(stage, kept=text)

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
            tell(refusal)
            return gr.skip()

    async def renew(self, stage: Stage | None):
        """A new battle; one that is left without a vote is kept as skipped."""
        if stage is not None and stage.status not in ("voted", "void"):
            try:
                await battle.skip(self.site, stage)
            except Refusals as refusal:
                tell(refusal)
                return gr.skip()
        return self.view(None)

    def view(self, stage: Stage | None, kept: str | None = None) -> tuple:
        """The tab's outputs: both columns, box, status line, result, the buttons, the state.

        kept: what stands in the box; without it a sent message leaves it, and else nothing changes.
        """
        status = stage.status if stage else "new"
        reveal = stage.reveal if stage else None
        roster = self.site.roster if reveal else None
        sides = {s: stage.conversations[s] if stage else Conversation() for s in battle.SIDES}
        busy, over = status == "streaming", status in ("voted", "void")
        full = status == "ready" and stage.turns >= self.site.settings.turns
        text = "" if busy else kept
        box = gr.update(
            **({} if text is None else {"value": text}),
            interactive=not (busy or full),
            submit_btn=False if busy or full else "Send to both",
            visible=status != "voted",
        )
        line = stage.note if status == "void" else ASLEEP[status]
        if full:
            line = f"This battle has had its {stage.turns} messages. Vote to see the names."
        renew = "Skip: new battle" if status in ("created", "streaming", "ready") else "New battle"
        columns = (
            gr.update(value=transcript(sides[side].turns, roster), label=_label(letter, who))
            for letter, side, who in (
                ("A", "left", reveal and reveal.left),
                ("B", "right", reveal and reveal.right),
            )
        )
        return (
            *columns,
            box,
            f'<p class="status" role="status">{line}</p>',
            self._result(stage) if reveal else "",
            *(gr.update(interactive=status == "ready") for _ in CHOICES),
            gr.update(value=renew, interactive=status != "new" and not busy, variant=_weight(over)),
            stage,
        )

    def _result(self, stage: Stage) -> str:
        reveal, roster = stage.reveal, self.site.roster
        said, why = f"You said: {SAID[reveal.choice]}. ", escape(explained(reveal.reason))
        said += "It counts." if reveal.counted else f"It is kept, but not counted. {why}"
        rows = "".join(
            f"<p><b>{letter}</b> was {chip(roster, contender.name)} "
            f"{_moved(*stage.moved[contender.id])}{ribbon(roster, stage.conversations[side])}</p>"
            for letter, side, contender in (
                ("A", "left", reveal.left),
                ("B", "right", reveal.right),
            )
        )
        return f'<div class="result" role="status"><p>{said}</p>{rows}</div>'


def _label(letter: str, who: Contender | None) -> str:
    return letter if who is None else f"{letter} · {who.name}"


def _moved(before: float, after: float) -> str:
    if round(after) == round(before):
        return f"rating {after:.0f}, as before"
    return f"rating {before:.0f} → {after:.0f}"


def _weight(over: bool) -> str:
    return "primary" if over else "secondary"


def build(site: Site, visitor: gr.BrowserState) -> gr.Textbox:
    """The tab's components and their wiring. Returns the box, asleep until the page wakes it."""
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
    status = gr.HTML(f'<p class="status" role="status">{ASLEEP["new"]}</p>', elem_id="duel-status")
    with gr.Row(elem_classes="votes"):
        votes = {
            choice: gr.Button(label, interactive=False, elem_id=f"vote-{n}", min_width=130)
            for n, (choice, label) in enumerate(CHOICES.items(), start=1)
        }
    renew = gr.Button("New battle", interactive=False, elem_id="new-battle", size="sm")
    with gr.Row(elem_classes="openers"):
        openers = [gr.Button(text, size="sm") for text in site.roster.openers]
    view = [*columns, box, status, result, *votes.values(), renew, stage]
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    box.submit(duel.send, [box, stage, visitor], view, concurrency_id="replies", **quiet)
    for choice, button in votes.items():
        button.click(_voter(duel, choice), [stage, visitor], view, **quiet).then(
            None, None, None, js=FOCUS, **quiet
        )
    renew.click(duel.renew, stage, view, **quiet)
    for button in openers:
        button.click(lambda text=button.value: text, None, box, **quiet)
    return box


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
