"""Who wrote which sentence of a reply, under it, folded at first."""

from collections import Counter
from collections.abc import Callable
from html import escape

from arena.texts import Texts
from blend.conversation import Draw, Turn


def sentences_fold(turn: Turn, number: Callable[[str], int], texts: Texts) -> str:
    """All sentences in their order, each with its member, and how likely that was to be drawn.

    number: of a member's colour.
    """
    rows = "".join(_row(draw, text.strip(), number, texts) for draw, text in turn.parts)
    summary = escape(texts("transcript.sentences"))
    return (
        f'<details class="thoughts sentences"><summary>{summary}</summary><ol>{rows}</ol></details>'
    )


def _row(draw: Draw, text: str, number: Callable[[str], int], texts: Texts) -> str:
    said = f'<span dir="auto" lang="">{escape(text)}</span>'
    ended = f'<span class="quiet">{escape(texts("transcript.ended"))}</span>'
    return (
        f'<li class="who-{number(draw.member)}"><bdi>{escape(draw.member)}</bdi>'
        f"{said if text else ended}<b>{texts.percent(draw.chance)}</b></li>"
    )


def writer_marks(turn: Turn, texts: Texts) -> dict[str, str]:
    """Who wrote a reply, each with what its chip adds: the chance of its draw, or how many
    sentences it wrote. Empty where it is not known who wrote it."""
    if turn.sentences and turn.has_reply:
        counts = Counter(turn.writers)
        return {name: f" · {texts('transcript.wrote', n=n)}" for name, n in counts.items()}
    if turn.draw is None:
        return {}
    chance = turn.draw.chance
    return {turn.draw.member: "" if chance is None else f" · {texts.percent(chance)}"}
