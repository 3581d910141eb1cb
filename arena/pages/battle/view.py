"""How a battle looks at any time: a stage becomes what stands in each of the tab's components."""

from dataclasses import replace
from html import escape

import gradio as gr

from arena.battle import share_text
from arena.battle.share_text import CHOICE_LABELS
from arena.battle.state import SIDES, BattleView, Side
from arena.models import HIDDEN_ERROR, Contender
from arena.pages.appearance import chip, ribbon, transcript
from arena.pages.templates import sentence
from arena.plural import many
from arena.votes.rules import explain
from blend.conversation import Turn
from blend.roster import Roster


def invitation(roster: Roster) -> str:
    """What stands where no battle is under way."""
    focus = roster.settings.pairing == "focus"
    met = f": {roster.focus} and one single model" if focus else ""
    return sentence("battle.invitation", met=met)


def battle_view(roster: Roster, stage: BattleView | None, locked: bool = False) -> tuple:
    """The tab's outputs: both columns, box, status line, result, the buttons, which battle is
    shown, the state.

    The box is awake for typing all the time; only its button sleeps. locked: whether this visitor
    must log in before they may vote.
    """
    status = stage.status if stage else "new"
    reveal = stage.reveal if stage else None
    busy, full = status == "streaming", status == "ready" and stage.turns >= roster.settings.turns
    over, awake = stage is not None and stage.over, status == "ready" and not locked
    box = gr.update(
        interactive=True,
        submit_btn=False if busy or full else "Send to both",
        stop_btn="Stop" if busy and not stage.elsewhere else False,
        visible=status != "voted",
    )
    renew = "New battle" if over or stage is None else "Skip: new battle"
    weight = "primary" if over and not stage.retry else "secondary"
    return (
        _column("A", "left", stage, roster),
        _column("B", "right", stage, roster),
        box,
        f'<p class="status" role="status">{escape(_status_line(stage, roster, locked))}</p>',
        _result(stage, roster) if reveal else "",
        *(gr.update(interactive=awake) for _ in CHOICE_LABELS),
        gr.update(value=_again(stage), visible=bool(stage and stage.retry)),
        gr.update(value=renew, interactive=stage is not None, variant=weight),
        gr.update(visible=bool(reveal) and not stage.without_texts, open=False),
        share_text.battle_text(stage, roster.title) if reveal else "",
        "Copy as text",
        stage.battle if stage else "",
        stage,
    )


def columns(stage: BattleView | None) -> tuple[list, list]:
    """Both columns' messages alone, as they grow before the vote: all else stands still."""
    if stage is None:
        return [], []
    both = (
        [_without_causes(turn, stage) for turn in stage.conversations[side].turns] for side in SIDES
    )
    growing = stage.status == "streaming"
    left, right = (transcript(turns, growing=growing) for turns in both)
    return left, right


def _column(letter: str, side: Side, stage: BattleView | None, roster: Roster) -> dict | list:
    """One side's replies; who wrote them only once the vote is in.

    The label changes with the vote and with a new battle: a Chatbot whose label is set is made anew
    for that, which takes thirty times as long as its messages.
    """
    if stage is None:
        return gr.update(value=[], label=letter)
    reveal = stage.reveal
    if stage.without_texts:  # what the page still shows stays
        return gr.update(label=f"{letter} · {getattr(reveal, side).name}") if reveal else gr.skip()
    if reveal is None:
        return columns(stage)[SIDES.index(side)]
    turns = [_without_causes(turn, stage) for turn in stage.conversations[side].turns]
    label = f"{letter} · {getattr(reveal, side).name}"
    return gr.update(value=transcript(turns, roster), label=label)


def _without_causes(turn: Turn, stage: BattleView) -> Turn:
    """A reply that failed says no more than that; one that was left in the middle says it too."""
    left = stage.status != "streaming" and not turn.finished
    return replace(turn, error=HIDDEN_ERROR) if turn.error or left else turn


def _status_line(stage: BattleView | None, roster: Roster, locked: bool) -> str:
    """What the visitor can do now, and why not more."""
    if stage is None or stage.status == "created":
        login = sentence("battle.login_first") if locked else ""
        return f"{invitation(roster)} {login}".rstrip()
    if stage.note:
        return stage.note
    if stage.elsewhere:
        return sentence("battle.elsewhere")
    ready, login = stage.status == "ready", sentence("battle.login")
    if locked and stage.status in ("streaming", "ready"):
        return login if ready else f"Both are answering. {login}"
    line = sentence(f"battle.{stage.status}")
    if ready and stage.turns >= roster.settings.turns:
        line = sentence("battle.full", messages=many(stage.turns, "message"))
    return f"{sentence('battle.leaked')} {line}" if stage.leaked and ready else line


def _result(stage: BattleView, roster: Roster) -> str:
    reveal = stage.reveal
    not_counted = f"It is kept, but not counted. {escape(explain(reveal.reason))}"
    why = "It counts." if reveal.counted else not_counted
    rows = "".join(
        f"<p><b>{letter}</b> was {chip(roster, contender.name)} "
        f"{_rating_change(stage, contender)}{ribbon(roster, stage.conversations[side])}</p>"
        for letter, side, contender in (("A", "left", reveal.left), ("B", "right", reveal.right))
    )
    verdict = f"<p>You said: {CHOICE_LABELS[reveal.choice]}. {why}</p>"
    # The focus comes here after the vote: nothing that is typed on presses a button.
    return f'<div class="result" role="status" tabindex="-1">{verdict}{rows}</div>'


def _again(stage: BattleView | None) -> str:
    sides = stage.unfinished if stage else ()
    return (
        "Try both again" if len(sides) == 2 else f"Try {'B' if sides == ('right',) else 'A'} again"
    )


def _rating_change(stage: BattleView, contender: Contender) -> str:
    if contender.id not in stage.rating_change:
        return ""
    before, after = stage.rating_change[contender.id]
    if round(after) == round(before):
        return f"rating {after:.0f}, as before"
    return f"rating {before:.0f} → {after:.0f}"
