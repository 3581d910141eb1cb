"""A battle brought back: what a page that is loaded anew finds of its visitor's latest one."""

import asyncio
import time
from dataclasses import replace

from arena.battle.facts import with_facts
from arena.battle.state import SIDES, BattleView, RatingChange, Side, why_void
from arena.db.repositories.battles import LatestBattle
from arena.models import INCOMPLETE
from arena.site.site import Site
from blend.conversation import Conversation, Turn

VOTED_SECONDS = 3600.0
"""How long a battle that has its vote comes back."""


async def resume_battle(
    site: Site,
    visitor: str,
    id: str | None = None,
    known: BattleView | None = None,
    named: bool = False,
) -> BattleView | None:
    """The visitor's latest battle as the database has it; None where a new one should begin.

    named: of those with the names in view. id: of the battle that is meant instead, of either kind;
    None where it is not theirs. known: the same battle as a page has it, for its texts where they
    are not stored. Before the vote a blind battle comes without anything that tells the contenders
    but their ids.
    """
    return await asyncio.to_thread(_back, site, visitor, id, known, named)


def _back(
    site: Site, visitor: str, id: str | None, known: BattleView | None, named: bool
) -> BattleView | None:
    store = site.store
    latest = store.battles.latest(visitor, id, named)
    if latest and latest.status == "streaming" and not site.replies.in_progress(latest.id):
        # The program was stopped in the middle of it.
        store.battles.void(latest.id, visitor, INCOMPLETE)
        latest = store.battles.latest(visitor, id, named)
    if latest is None:
        return None
    over = latest.voted is not None and time.time() - latest.voted > VOTED_SECONDS
    if id is None and (latest.turns == 0 or over):
        return None
    conversations = _conversations(site, visitor, latest, known)
    view = BattleView(
        latest.id,
        visitor,
        dict(zip(SIDES, latest.contenders, strict=True)),
        conversations or _empty(latest),
        status=latest.status,
        leaked=latest.leaked,
        elsewhere=site.replies.in_progress(latest.id) or latest.status == "streaming",
        reveal=store.votes.reveal(latest.id, visitor),
        rating_change=_rating_change(site, visitor, latest),
        without_texts=conversations is None,
        names=_names(site, latest),
        notes=store.vote_reasons.of(latest.id, visitor),
    )
    return with_facts(site, _with_note(view, latest))


def _rating_change(site: Site, visitor: str, latest: LatestBattle) -> RatingChange:
    """What the vote did to the ratings, as the page told it when it was cast."""
    change = site.store.visitor_votes.change(latest.id, visitor) if latest.voted else None
    return dict(zip(latest.contenders, change, strict=True)) if change else {}


def _with_note(view: BattleView, latest: LatestBattle) -> BattleView:
    """With what is said of it, and whether it may be saved."""
    if view.without_texts and view.status in ("ready", "void"):
        note = "battle.unkept" if view.status == "ready" else "battle.unkept_void"
        return replace(view, note=note)
    if view.status == "void":
        why = why_void(view, latest.void_reason, latest.retry)
        return replace(view, retry=latest.retry, note=why)
    return view


def _names(site: Site, latest: LatestBattle) -> dict[Side, str]:
    """Whom the visitor chose; nobody where the battle is blind."""
    if not latest.named:
        return {}
    both = site.store.votes.pending(latest.id).contenders
    return {side: contender.name for side, contender in zip(SIDES, both, strict=True)}


def _conversations(
    site: Site, visitor: str, latest: LatestBattle, known: BattleView | None
) -> dict[Side, Conversation] | None:
    """What both sides said; None where it is not stored, and not known either."""
    if latest.turns == 0:
        return _empty(latest)
    loaded = [site.store.conversations.load(id, visitor) for id in latest.conversations]
    if None not in loaded:
        return dict(zip(SIDES, loaded, strict=True))
    same = known is not None and (known.battle, known.turns) == (latest.id, latest.turns)
    return dict(known.conversations) if same and not known.without_texts else None


def _empty(latest: LatestBattle) -> dict[Side, Conversation]:
    """As many turns as there were, with nothing in them."""
    turns = tuple(Turn("", finished=True) for _ in range(latest.turns))
    both = (Conversation(id=id, turns=turns) for id in latest.conversations)
    return dict(zip(SIDES, both, strict=True))
