"""What is shown once a vote is in: who both sides were, and what there is to know of them."""

from collections.abc import Iterator
from html import escape

from arena.battle.state import SIDES, BattleView, SideFacts
from arena.models import Contender, Side
from arena.pages.appearance import chip, ribbon
from arena.texts import Texts
from arena.votes.rules import explain
from blend.roster import Roster


def reveal_html(view: BattleView, roster: Roster, texts: Texts) -> str:
    """What the visitor said, whether it counts, and a card for each side."""
    reveal = view.reveal
    why = texts("vote.uncounted", why=explain(reveal.reason, texts))
    why = texts("vote.apart") if view.named else texts("vote.counted") if reveal.counted else why
    said = texts("vote.said", choice=texts(f"vote.chose_{reveal.choice}"))
    cards = "".join(
        _card(view, roster, texts, side, contender)
        for side, contender in zip(SIDES, (reveal.left, reveal.right), strict=True)
    )
    # The focus comes here after the vote: nothing that is typed on presses a button.
    return (
        f'<div class="result" role="status" tabindex="-1"><p>{escape(said)} {escape(why)}</p>'
        f'<div class="cards">{cards}</div></div>'
    )


def _card(view: BattleView, roster: Roster, texts: Texts, side: Side, contender: Contender) -> str:
    letter = "AB"[SIDES.index(side)]
    was = texts("vote.was", letter=f"<b>{letter}</b>", name=chip(roster, contender.name))
    moved = _rating_change(view, contender, texts)
    rows = "".join(
        f"<div><dt>{escape(head)}</dt><dd>{escape(text)}</dd></div>"
        for head, text in _rows(view.facts.get(side, SideFacts()), texts)
    )
    authors = ribbon(roster, view.conversations[side], texts)
    return (
        f'<div class="card"><p class="was">{was} <small>{escape(moved)}</small></p>'
        f"{authors}{f'<dl>{rows}</dl>' if rows else ''}</div>"
    )


def _rows(facts: SideFacts, texts: Texts) -> Iterator[tuple[str, str]]:
    """(what, how much) of what is known; nothing of replies that are not kept."""
    unknown, sizes = texts("vote.not_known"), facts.members
    several, known = len(sizes) > 1, any(sizes.values())
    named = [f"{name} ({weights(n, texts)})" if known else name for name, n in sizes.items()]
    size = "" if several and known else weights(next(iter(sizes.values()), None), texts)
    tokens, wait, speed = facts.tokens, facts.first_token, facts.speed
    seconds = texts("vote.seconds", x=texts.number(wait, _digits(wait))) if wait else unknown
    per_second = texts("vote.per_second", x=texts.number(speed)) if speed else unknown
    wrote, blend = bool(facts.authors), several and bool(facts.authors)
    table = (
        (several, texts("vote.members"), texts.listed(named)),
        (blend, texts("vote.authors", n=len(facts.authors)), " · ".join(facts.authors)),
        (sizes and size, texts("vote.weights"), size),
        (wrote, texts("vote.tokens"), unknown if tokens is None else texts.number(tokens)),
        (wrote, texts("vote.first_token"), seconds),
        (wrote, texts("vote.speed"), per_second),
    )
    yield from ((head, text) for there, head, text in table if there)


def weights(number: int | None, texts: Texts) -> str:
    """How many weights a model has, in words."""
    if number is None:
        return texts("vote.not_known")
    unit, name = (1e9, "billion") if number >= 1e9 else (1e6, "million")
    return texts(f"vote.{name}", x=texts.number(number / unit, _digits(number / unit)))


def _digits(x: float) -> int:
    return 0 if x >= 10 else 1 if x >= 1 else 2


def _rating_change(view: BattleView, contender: Contender, texts: Texts) -> str:
    if contender.id not in view.rating_change:
        return ""
    before, after = (round(rating) for rating in view.rating_change[contender.id])
    if before == after:
        return texts("vote.rating_same", rating=after)
    return texts("vote.rating_moved", before=before, after=after)
