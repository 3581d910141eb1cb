"""How a battle looks at any time: what each component of the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape

import gradio as gr

from arena.battle import share_text
from arena.battle.state import LETTERS, SIDES, BattleView, Side
from arena.models import HIDDEN_ERROR
from arena.pages.appearance import transcript
from arena.pages.battle import reasons
from arena.pages.battle.modes import mode_bar
from arena.pages.battle.reveal import reveal_html
from arena.ranking.ballots import CHOICES
from arena.texts import ENGLISH, Texts
from blend.conversation import Turn
from blend.roster import Roster


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks at the page. locked: whether they must log in before they may vote. named: whether
    a battle that they begin is named; of one that is there, only what it is itself counts. picks:
    the contenders that the lists of a new battle begin with."""

    texts: Texts = ENGLISH
    locked: bool = False
    named: bool = False
    picks: Mapping[Side, str] = field(default_factory=dict)


NOBODY = Onlooker()
"""Before anybody is known."""


def battle_view(roster: Roster, view: BattleView | None, by: Onlooker = NOBODY) -> tuple:
    """The page's outputs: both columns, box, status line, result, the buttons, the reasons, the
    mode, whom the visitor picks, which battle is shown, the state.

    The box is awake for typing all the time; only its button sleeps.
    """
    status, texts = view.status if view else "new", by.texts
    reveal = view.reveal if view else None
    by = replace(by, named=view.named if view else by.named)
    busy, full = status == "streaming", status == "ready" and view.turns >= roster.settings.turns
    over, awake = view is not None and view.over, status == "ready" and not by.locked
    box = gr.update(
        interactive=True,
        submit_btn=False if busy or full else texts("battle.send"),
        stop_btn=texts("battle.stop") if busy and not (view.elsewhere or view.waiting) else False,
        visible=status != "voted",
    )
    leave = "renew" if over or view is None else "skip"
    weight = "primary" if over and not view.retry else "secondary"
    return (
        *(_column(side, view, roster, by) for side in SIDES),
        box,
        status_html(status, _status_line(view, roster, by)),
        reveal_html(view, roster, texts) if reveal else "",
        *(gr.update(interactive=awake) for _ in CHOICES),
        gr.update(value=texts(_again(view)), visible=bool(view and view.retry)),
        gr.update(
            value=texts(f"battle.{leave}{'_named' * by.named}"),
            interactive=view is not None and not view.waiting,
            variant=weight,
        ),
        *reasons.updates(roster, view, texts),
        gr.update(visible=bool(reveal) and not view.without_texts, open=False),
        share_text.battle_text(view, roster.title, texts) if reveal else "",
        texts("battle.share_copy"),
        mode_bar(texts, by.named, direct=not roster.experiment),
        *(_pick(view, side, by, roster) for side in SIDES),
        view.battle if view else "",
        view,
    )


def status_html(status: str, line: str) -> str:
    """What can be done now. The style sheet shows and hides by its data what goes with it."""
    return f'<p class="status" role="status" data-status="{status}">{escape(line)}</p>'


def can_be_left(texts: Texts) -> tuple[dict, dict]:
    """The box and the button for a new battle once the replies have begun: what ends them.

    Not before: Gradio's page can cancel only an event that the server has confirmed to it.
    """
    return gr.update(stop_btn=texts("battle.stop")), gr.update(interactive=True)


def growing_columns(roster: Roster, view: BattleView | None, texts: Texts) -> tuple[list, list]:
    """Both columns' messages alone, as they grow before the vote: all else stands still.

    Nothing tells who writes them, unless the visitor chose who does.
    """
    if view is None:
        return [], []
    shown = roster if view.named else None
    left, right = (_messages(view, side, shown, texts) for side in SIDES)
    return left, right


def _messages(view: BattleView, side: Side, roster: Roster | None, texts: Texts) -> list:
    """One side's messages; with a roster each reply carries who wrote it."""
    turns = [_without_causes(turn, view) for turn in view.conversations[side].turns]
    return transcript(turns, texts, roster, growing=view.status == "streaming")


def _pick(view: BattleView | None, side: Side, by: Onlooker, roster: Roster) -> dict:
    """The list to choose a side's contender from: there where a new battle can be begun.

    It shows nobody who has left the roster since: Gradio would send no message with that name.
    """
    pick = {"visible": by.named and (view is None or view.status == "void")}
    chosen = view.names if view else by.picks
    if side not in chosen:
        return gr.update(**pick)
    up = {spec.name for spec in roster.contenders}
    return gr.update(**pick, value=chosen[side] if chosen[side] in up else None)


def _column(side: Side, view: BattleView | None, roster: Roster, by: Onlooker) -> dict | list:
    """One side's replies; who wrote them only once the vote is in, or where they were chosen.

    The label changes with the vote and with a new battle: a Chatbot whose label is set is made anew
    for that, which takes thirty times as long as its messages.
    """
    letter = LETTERS[side]
    if view is None:
        return gr.update(value=[], label=letter)
    reveal = view.reveal
    name = view.names.get(side) or (getattr(reveal, side).name if reveal else "")
    if view.without_texts:  # what the page still shows stays
        return gr.update(label=f"{letter} · {name}") if name else gr.skip()
    if not name:
        return growing_columns(roster, view, by.texts)[SIDES.index(side)]
    messages = _messages(view, side, roster, by.texts)
    return gr.update(value=messages, label=f"{letter} · {name}")


def _without_causes(turn: Turn, view: BattleView) -> Turn:
    """A reply that failed says no more than that; one that was left in the middle says it too."""
    left = view.status != "streaming" and not turn.finished
    return replace(turn, error=HIDDEN_ERROR) if turn.error or left else turn


def _status_line(view: BattleView | None, roster: Roster, by: Onlooker) -> str:
    """What the visitor can do now, and why not more."""
    texts, named = by.texts, "_named" * by.named
    if view is None or view.status == "created":
        focus = roster.settings.pairing == "focus"
        met = texts("battle.met_focus", focus=roster.focus) if focus else ""
        login = texts("battle.login_first") if by.locked else ""
        invited = texts("battle.invitation_named") if by.named else texts("battle.invitation")
        return " ".join(filter(None, (invited, met * (not by.named), login)))
    if view.note:
        return texts(view.note)
    if view.elsewhere:
        return texts("battle.elsewhere")
    ready, login = view.status == "ready", texts("battle.login")
    if by.locked and view.status in ("streaming", "ready"):
        return login if ready else f"{texts('battle.streaming_login')} {login}"
    if ready and view.turns >= roster.settings.turns:
        line = texts(f"battle.full{named}", n=view.turns)
    else:
        line = texts(f"battle.{view.status}{named if ready else ''}")
    return f"{texts('battle.leaked')} {line}" if view.leaked and ready else line


def _again(view: BattleView | None) -> str:
    """What it is called to ask once more who did not finish."""
    sides = view.unfinished if view else ()
    return f"battle.again_{'both' if len(sides) == 2 else 'b' if sides == ('right',) else 'a'}"
