"""How a battle looks at any time: what each component of the page shows."""

from dataclasses import replace
from html import escape

import gradio as gr

from arena.battle import share_text
from arena.battle.share_text import CHOICE_LABELS
from arena.battle.state import SIDES, BattleView, Side
from arena.models import HIDDEN_ERROR, Contender
from arena.pages.appearance import chip, ribbon, transcript
from arena.pages.battle import modes
from arena.pages.templates import sentence
from arena.votes.rules import explain
from blend.conversation import Turn
from blend.roster import Roster


def invitation(roster: Roster) -> str:
    """What stands where no battle is under way."""
    focus = roster.settings.pairing == "focus"
    met = f": {roster.focus} and one single model" if focus else ""
    return sentence("battle.invitation", met=met)


def battle_view(
    roster: Roster, view: BattleView | None, locked: bool = False, named: bool = False
) -> tuple:
    """The page's outputs: both columns, box, status line, result, the buttons, the mode, whom the
    visitor picks, which battle is shown, the state.

    The box is awake for typing all the time; only its button sleeps. locked: whether this visitor
    must log in before they may vote. named: whether a new battle would be named; of one that is
    there, only what it is itself counts.
    """
    status = view.status if view else "new"
    reveal = view.reveal if view else None
    named = view.named if view else named
    busy, full = status == "streaming", status == "ready" and view.turns >= roster.settings.turns
    over, awake = view is not None and view.over, status == "ready" and not locked
    box = gr.update(
        interactive=True,
        submit_btn=False if busy or full else "Send to both",
        stop_btn="Stop" if busy and not view.elsewhere else False,
        visible=status != "voted",
    )
    leave = "renew" if over or view is None else "skip"
    renew = sentence(f"battle.{leave}{'_named' * named}")
    weight = "primary" if over and not view.retry else "secondary"
    return (
        _column("A", "left", view, roster, named),
        _column("B", "right", view, roster, named),
        box,
        status_html(status, _status_line(view, roster, locked, named)),
        _result(view, roster) if reveal else "",
        *(gr.update(interactive=awake) for _ in CHOICE_LABELS),
        gr.update(value=_again(view), visible=bool(view and view.retry)),
        gr.update(value=renew, interactive=view is not None, variant=weight),
        gr.update(visible=bool(reveal) and not view.without_texts, open=False),
        share_text.battle_text(view, roster.title) if reveal else "",
        "Copy as text",
        modes.mode_bar(roster, named),
        *(_pick(view, side, named) for side in SIDES),
        view.battle if view else "",
        view,
    )


def status_html(status: str, line: str) -> str:
    """The status line. The style sheet shows and hides by data-status what goes with it."""
    return f'<p class="status" role="status" data-status="{status}">{escape(line)}</p>'


def growing_columns(roster: Roster, view: BattleView | None) -> tuple[list, list]:
    """Both columns' messages alone, as they grow before the vote: all else stands still.

    Nothing tells who writes them, unless the visitor chose who does.
    """
    if view is None:
        return [], []
    both = (
        [_without_causes(turn, view) for turn in view.conversations[side].turns] for side in SIDES
    )
    growing, shown = view.status == "streaming", roster if view.named else None
    left, right = (transcript(turns, shown, growing) for turns in both)
    return left, right


def _pick(view: BattleView | None, side: Side, named: bool) -> dict:
    """The list to choose a side's contender from: there where a new battle can be begun."""
    pick = {"visible": named and (view is None or view.status == "void")}
    return gr.update(**pick, value=view.names[side]) if view and named else gr.update(**pick)


def _column(
    letter: str, side: Side, view: BattleView | None, roster: Roster, named: bool
) -> dict | list:
    """One side's replies; who wrote them only once the vote is in.

    The label changes with the vote and with a new battle: a Chatbot whose label is set is made anew
    for that, which takes thirty times as long as its messages.
    """
    if view is None:
        about = sentence("battle.column_named" if named else "battle.column", letter=letter)
        return gr.update(value=[], label=letter, placeholder=about)
    reveal = view.reveal
    if view.named:
        label = f"{letter} · {view.names[side]}"
        if view.without_texts:
            return gr.update(label=label)
        return gr.update(value=growing_columns(roster, view)[SIDES.index(side)], label=label)
    if view.without_texts:  # what the page still shows stays
        return gr.update(label=f"{letter} · {getattr(reveal, side).name}") if reveal else gr.skip()
    if reveal is None:
        return growing_columns(roster, view)[SIDES.index(side)]
    turns = [_without_causes(turn, view) for turn in view.conversations[side].turns]
    label = f"{letter} · {getattr(reveal, side).name}"
    return gr.update(value=transcript(turns, roster), label=label)


def _without_causes(turn: Turn, view: BattleView) -> Turn:
    """A reply that failed says no more than that; one that was left in the middle says it too."""
    left = view.status != "streaming" and not turn.finished
    if view.named and turn.error:
        return turn
    return replace(turn, error=HIDDEN_ERROR) if turn.error or left else turn


def _status_line(view: BattleView | None, roster: Roster, locked: bool, named: bool) -> str:
    """What the visitor can do now, and why not more."""
    if view is None or view.status == "created":
        login = sentence("battle.login_first") if locked else ""
        invited = sentence("battle.invitation_named") if named else invitation(roster)
        return f"{invited} {login}".rstrip()
    if view.note:
        return view.note
    if view.elsewhere:
        return sentence("battle.elsewhere")
    ready, login = view.status == "ready", sentence("battle.login")
    if locked and view.status in ("streaming", "ready"):
        return login if ready else f"Both are answering. {login}"
    line = sentence(f"battle.{view.status}{'_named' * (view.named and view.status == 'ready')}")
    if ready and view.turns >= roster.settings.turns:
        line = sentence("battle.full", n=view.turns)
    return f"{sentence('battle.leaked')} {line}" if view.leaked and ready else line


def _result(view: BattleView, roster: Roster) -> str:
    reveal = view.reveal
    not_counted = f"It is kept, but not counted. {escape(explain(reveal.reason))}"
    why = "It counts." if reveal.counted else not_counted
    rows = "".join(
        f"<p><b>{letter}</b> was {chip(roster, contender.name)} "
        f"{_rating_change(view, contender)}{ribbon(roster, view.conversations[side])}</p>"
        for letter, side, contender in (("A", "left", reveal.left), ("B", "right", reveal.right))
    )
    verdict = f"<p>You said: {CHOICE_LABELS[reveal.choice]}. {why}</p>"
    # The focus comes here after the vote: nothing that is typed on presses a button.
    return f'<div class="result" role="status" tabindex="-1">{verdict}{rows}</div>'


def _again(view: BattleView | None) -> str:
    sides = view.unfinished if view else ()
    return (
        "Try both again" if len(sides) == 2 else f"Try {'B' if sides == ('right',) else 'A'} again"
    )


def _rating_change(view: BattleView, contender: Contender) -> str:
    if contender.id not in view.rating_change:
        return ""
    before, after = view.rating_change[contender.id]
    if round(after) == round(before):
        return f"rating {after:.0f}, as before"
    return f"rating {before:.0f} → {after:.0f}"
