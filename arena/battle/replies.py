"""Both replies of a battle to one message: as they grow, and what came of them, recorded."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, nullcontext
from dataclasses import replace

from arena.battle.identity_leak import family_names, find_identity_leak
from arena.battle.state import BattleView, Side, why_void
from arena.models import INCOMPLETE, Refused, StoreError
from arena.site.site import Site
from arena.site.stream_merge import REFRESH_INTERVAL, merge_streams
from blend.conversation import Conversation

ALIVE = 1.0
"""Seconds between two signs of life where nothing is shown before both replies are done."""


async def stream_replies(
    site: Site,
    view: BattleView,
    pending: Mapping[Side, Conversation],
    replaced: Mapping[Side, str],
    start: Callable[[], None],
    address: str | None,
) -> AsyncGenerator[BattleView, None]:
    """The replies of the sides that are asked, all at once; each stands for the turn in `replaced`.

    start: notes in the database that they are being written, or raises Refused. Where what came of
    them cannot be stored just now the last view is still streaming: see `resume_battle`.
    """
    names = _names(site, view)
    conversations = view.conversations | pending
    view = replace(view, conversations=conversations, status="streaming", retry=False, note="")
    slot = site.limiter.slot(len(pending), site.guard.client_key(address))
    async with slot, aclosing(_grow(site, view, pending, replaced, names)) as growing:
        with site.replies.mark_in_progress(view.battle):
            # In here: a page loaded between the two would take it for one the program died in.
            await asyncio.to_thread(start)
            try:
                blank, shown_at = view, time.monotonic()
                yield blank
                async for view in growing:
                    if view.named or not site.settings.together:
                        yield view
                    elif time.monotonic() - shown_at >= ALIVE:
                        shown_at = time.monotonic()
                        yield blank
            except Refused:
                # A skip came before the first word, and nothing more is let in: that is no fault.
                state = await asyncio.to_thread(site.store.battles.state, view.battle)
                if state is None or state.status != "void":
                    raise
            finally:
                # A closed tab cancels this generator: what came of it must be noted all the same.
                await growing.aclose()
                outcome = asyncio.to_thread(_record_outcome_or_defer, site, view, names)
                view = await asyncio.shield(outcome)
    yield _with_draws_ahead(site, view, names)


async def _grow(
    site: Site,
    view: BattleView,
    pending: Mapping[Side, Conversation],
    replaced: Mapping[Side, str],
    names: Mapping[Side, str],
) -> AsyncGenerator[BattleView, None]:
    """The view as the replies grow."""
    # What a chosen contender has read must make no reply of a blind battle come sooner.
    scope = f"named {view.battle}" if view.named else ""
    call_slots, most = site.replies.gpu_call(tuple(pending)), site.contenders.max_reply_tokens
    streams = {
        side: site.replies.stream(
            *(names[side], conversation, replaced.get(side)),
            call_slot=call_slots[side],
            hidden=not view.named,
            slot=nullcontext(),
            scope=scope,
            max_tokens=most,
        )
        for side, conversation in pending.items()
    }
    async with aclosing(
        merge_streams(streams, max(REFRESH_INTERVAL, site.replies.send_interval))
    ) as turns:
        async for latest in turns:
            grown = {side: pending[side].answered(turn) for side, turn in latest.items()}
            yield replace(view, conversations=view.conversations | grown)


def _names(site: Site, view: BattleView) -> dict[Side, str]:
    """Who fights, by the names of now. Raises Refused where one of them is not here any more."""
    try:
        return {side: site.contenders.name_of(id) for side, id in view.contenders.items()}
    except KeyError:
        raise Refused("refusals.models_changed") from None


def _with_draws_ahead(site: Site, view: BattleView, names: Mapping[Side, str]) -> BattleView:
    if view.status != "ready" or view.named:  # a draw ahead would be read into the page's cache
        return view
    conversations = {
        side: site.contenders.blend(names[side]).ahead(conversation)
        for side, conversation in view.conversations.items()
    }
    return replace(view, conversations=conversations)


def _record_outcome_or_defer(site: Site, view: BattleView, names: Mapping[Side, str]) -> BattleView:
    """What came of a message; as it was, still streaming, where that must be stored later.

    Its replies come first: without them there is nothing to judge.
    """

    def record() -> BattleView:
        if any(site.replies.in_progress(c.id) for c in view.conversations.values()):
            raise StoreError(f"battle {view.battle}: its replies are not stored yet")
        return _record_outcome(site, view, names)

    return site.replies.store_or_defer(view.battle, record) or view


def _record_outcome(site: Site, view: BattleView, names: Mapping[Side, str]) -> BattleView:
    """Note what came of a message: whether it told who wrote it, and whether it can be judged.

    In this order: no vote may come between the two. Where it was skipped meanwhile, it stays so.
    """
    store = site.store
    replies = [conversation.turns[-1].reply for conversation in view.conversations.values()]
    prompts = [turn.prompt for turn in view.conversations["left"].turns]
    family = family_names(site.roster, *names.values())
    if not view.named and find_identity_leak(replies, family, prompts):
        store.battles.mark_leaked(view.battle)
        view = replace(view, leaked=True)
    if view.unfinished:
        store.battles.void(view.battle, view.visitor, INCOMPLETE)  # a skip's own reason stays
    state = store.battles.state(view.battle)
    if state is not None and state.status == "void":
        latest = store.battles.latest(view.visitor, view.battle)
        retry = latest is not None and latest.retry
        note = why_void(view, state.void_reason, retry)
        return replace(view, status="void", retry=retry, note=note)
    store.battles.mark_ready(view.battle)
    return replace(view, status="ready")
