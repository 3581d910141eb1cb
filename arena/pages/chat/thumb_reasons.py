"""Why a visitor gave a thumb: reasons as chips below the reply, all of which can be left out."""

from html import escape

from arena.pages.leaderboard.table import reason_text
from arena.texts import Texts
from blend.conversation import Turn
from blend.roster.site.reasons import Reasons


def offered(reasons: Reasons, turn: Turn) -> tuple[str, ...]:
    """The reasons that fit the thumb of a turn; none without a thumb."""
    return {1: reasons.good, -1: reasons.bad}.get(turn.feedback, ())


def reasons_panel(reasons: Reasons, number: int, turn: Turn, unfolded: bool, texts: Texts) -> str:
    """The chips, folded under a line that tells which are chosen; nothing without a thumb."""
    choices = offered(reasons, turn)
    if not choices:
        return ""
    chosen = [escape(reason_text(each, texts)) for each in choices if each in turn.feedback_reasons]
    why = texts("chat.why_good" if turn.feedback == 1 else "chat.why_bad", number=number)
    chips = "".join(
        f'<button type="button" class="reason" data-act="reason" data-reason="{escape(each)}"'
        f' aria-pressed="{str(each in turn.feedback_reasons).lower()}">'
        f"{escape(reason_text(each, texts))}</button>"
        for each in choices
    )
    told = f"<bdi>{texts.listed(chosen)}</bdi>" if chosen else escape(texts("chat.why_optional"))
    return (
        f'<details class="thumb-reasons"{" open" * unfolded}>'
        f"<summary>{escape(why)} <span>{told}</span></summary>"
        f'<div role="group" aria-label="{escape(why)}">{chips}</div></details>'
    )
