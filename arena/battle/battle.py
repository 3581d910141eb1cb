"""A battle: two hidden contenders, one message for both, one vote, and only then the names."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, nullcontext
from dataclasses import replace
from functools import partial

from arena.battle.identity_leak import family, leaked
from arena.battle.pair_sampler import draw_pair
from arena.battle.state import SIDES, Side, Stage, why_void
from arena.battle.voting import cast_vote
from arena.models import ELSEWHERE, STALLED, Battle, Refused, Reveal, StoreError, Tally
from arena.ranking.ballots import CHOICES, Counts
from arena.ranking.ratings import estimates
from arena.site.recording import register_visitor
from arena.site.site import Site
from arena.site.stream_merge import BEAT, merge_streams
from blend.conversation import Conversation, new_id

ALIVE = 1.0
"""Seconds between two signs of life where nothing is shown before both replies are done."""

CHANGED = (
    "The models of this battle have changed since, so it cannot go on: vote on what was said, or "
    "start a new battle."
)

UNKEPT = (
    "What was said in this battle is not kept here, so it cannot go on: vote on it, or start a new "
    "battle."
)


async def open_battle(site: Site, visitor: str, address: str | None = None) -> Stage:
    """Draw two contenders and their sides, and write the battle down before any token.

    address: the hashed network address that the visitor comes from, where it is known.
    """
    return await asyncio.to_thread(_open, site, visitor, address)


def _open(site: Site, visitor: str, address: str | None) -> Stage:
    pair = draw_pair(site)
    contenders: dict[Side, str] = {
        "left": site.contenders.id_of(pair.left),
        "right": site.contenders.id_of(pair.right),
    }
    stage = Stage(new_id(), visitor, contenders, {side: Conversation() for side in SIDES})
    battle = Battle(
        id=stage.battle,
        visitor=visitor,
        **contenders,
        left_conversation=stage.conversations["left"].id,
        right_conversation=stage.conversations["right"].id,
        pair_chance=pair.chance,
        policy=pair.policy,
    )
    register_visitor(site.store, visitor, address)
    site.store.battles.open(battle)
    return stage


async def fight(
    site: Site, stage: Stage, text: str, address: str | None = None
) -> AsyncGenerator[Stage, None]:
    """One message to both sides: the stage, growing, until both have finished or one has failed.

    Raises MessageError for a text that cannot be sent, Overloaded where there is no room just now,
    and Refused where the rules say no; all of them leave the battle as it was. One that is closed
    in the middle is void, and may be saved by `again`. address: as for `open_battle`; it has a
    share of the slots.
    """
    if stage.unkept:
        raise Refused(UNKEPT)
    asked = {s: c.ask(text, site.settings.longest_message) for s, c in stage.conversations.items()}
    start = partial(
        *(site.store.battles.admit_message, stage.battle, stage.visitor, text),
        *(site.settings.turns, stage.turns),
    )
    async with aclosing(_stream(site, stage, asked, {}, start, address)) as growing:
        async for stage in growing:
            yield stage


async def again(
    site: Site, stage: Stage, address: str | None = None
) -> AsyncGenerator[Stage, None]:
    """The last message once more to those who did not finish; the other side stays as it is.

    Raises as `fight` does. What was said the first time stays in the database.
    """
    asked = {side: stage.conversations[side].regenerate() for side in stage.unfinished}
    replaced = {side: stage.conversations[side].turns[-1].id for side in asked}
    start = partial(site.store.battles.retry, stage.battle, stage.visitor, stage.turns)
    async with aclosing(_stream(site, stage, asked, replaced, start, address)) as growing:
        async for stage in growing:
            yield stage


async def _stream(
    site: Site,
    stage: Stage,
    asked: Mapping[Side, Conversation],
    replaced: Mapping[Side, str],
    start: Callable[[], None],
    address: str | None,
) -> AsyncGenerator[Stage, None]:
    """The replies of the sides that are asked, all at once; each stands for the turn in `replaced`.

    start: notes in the database that they are being written, or raises Refused. Where what came of
    them cannot be stored just now the last stage is still streaming: see `comeback.back`.
    """
    names = _names(site, stage)
    conversations = stage.conversations | asked
    stage = replace(stage, conversations=conversations, status="streaming", retry=False, note="")
    slot = site.limiter.slot(len(asked), site.guard.counted(address))
    async with slot, aclosing(_grow(site, stage, asked, replaced, names)) as growing:
        with site.replies.mark_in_progress(stage.battle):
            # In here: a page loaded between the two would take it for one the program died in.
            await asyncio.to_thread(start)
            try:
                blank, shown_at = stage, time.monotonic()
                yield blank
                async for stage in growing:
                    if not site.settings.together:
                        yield stage
                    elif time.monotonic() - shown_at >= ALIVE:
                        shown_at = time.monotonic()
                        yield blank
            except Refused:
                # A skip came before the first word, and nothing more is let in: that is no fault.
                state = await asyncio.to_thread(site.store.battles.state, stage.battle)
                if state is None or state.status != "void":
                    raise
            finally:
                # A closed tab cancels this generator: what came of it must be noted all the same.
                await growing.aclose()
                recording = asyncio.to_thread(_record_outcome_or_defer, site, stage, names)
                stage = await asyncio.shield(recording)
    yield _with_draws_ahead(site, stage, names)


async def _grow(
    site: Site,
    stage: Stage,
    asked: Mapping[Side, Conversation],
    replaced: Mapping[Side, str],
    names: Mapping[Side, str],
) -> AsyncGenerator[Stage, None]:
    """The stage as the replies grow."""
    seats, most = site.replies.gpu_call(tuple(asked)), site.contenders.max_reply_tokens
    streams = {
        side: site.replies.stream(
            *(names[side], conversation, replaced.get(side)),
            seat=seats[side],
            hidden=True,
            slot=nullcontext(),
            max_tokens=most,
        )
        for side, conversation in asked.items()
    }
    async with aclosing(merge_streams(streams, max(BEAT, site.replies.send_interval))) as turns:
        async for latest in turns:
            grown = {side: asked[side].answered(turn) for side, turn in latest.items()}
            yield replace(stage, conversations=stage.conversations | grown)


def _names(site: Site, stage: Stage) -> dict[Side, str]:
    """Who fights, by the names of now. Raises Refused where one of them is not here any more."""
    try:
        return {side: site.contenders.name_of(id) for side, id in stage.contenders.items()}
    except KeyError:
        raise Refused(CHANGED) from None


def _with_draws_ahead(site: Site, stage: Stage, names: Mapping[Side, str]) -> Stage:
    if stage.status != "ready":
        return stage
    conversations = {
        side: site.contenders.blend(names[side]).ahead(conversation)
        for side, conversation in stage.conversations.items()
    }
    return replace(stage, conversations=conversations)


def _record_outcome_or_defer(site: Site, stage: Stage, names: Mapping[Side, str]) -> Stage:
    """What came of a message; as it was, still streaming, where that must be stored later.

    Its replies come first: without them there is nothing to judge.
    """

    def record() -> Stage:
        if any(site.replies.in_progress(c.id) for c in stage.conversations.values()):
            raise StoreError(f"battle {stage.battle}: its replies are not stored yet")
        return _record_outcome(site, stage, names)

    return site.replies.store_or_defer(stage.battle, record) or stage


def _record_outcome(site: Site, stage: Stage, names: Mapping[Side, str]) -> Stage:
    """Note what came of a message: whether it told who wrote it, and whether it can be judged.

    In this order: no vote may come between the two. Where it was skipped meanwhile, it stays so.
    """
    store = site.store
    replies = [conversation.turns[-1].reply for conversation in stage.conversations.values()]
    prompts = [turn.prompt for turn in stage.conversations["left"].turns]
    if leaked(replies, family(site.roster, *names.values()), prompts):
        store.battles.mark_leaked(stage.battle)
        stage = replace(stage, leaked=True)
    if stage.unfinished:
        store.battles.void(stage.battle, stage.visitor, STALLED)  # a skip's own reason stays
    state = store.battles.state(stage.battle)
    if state is not None and state.status == "void":
        latest = store.battles.latest(stage.visitor, stage.battle)
        retry = latest is not None and latest.retry
        note = why_void(stage, state.void_reason, retry)
        return replace(stage, status="void", retry=retry, note=note)
    store.battles.mark_ready(stage.battle)
    return replace(stage, status="ready")


async def vote(site: Site, stage: Stage, choice: str) -> Stage:
    """The vote, committed; only then the stage holds a reveal. Raises Refused."""
    return await asyncio.to_thread(_vote, site, stage, choice)


def _vote(site: Site, stage: Stage, choice: str) -> Stage:
    store = site.store
    state = store.battles.state(stage.battle)
    if state is not None and state.turns != stage.turns:
        raise Refused(ELSEWHERE)
    before = store.votes.counts("own")
    reveal = cast_vote(store, stage.battle, stage.visitor, choice)
    moved = rating_change(before, reveal)
    return _with_authors(site, replace(stage, status="voted", reveal=reveal, moved=moved))


def rating_change(before: Tally, reveal: Reveal) -> dict[str, tuple[float, float]]:
    """Rating before and after the vote by contender id: left's, then right's.

    before: the counts without this vote. One that does not count, or "both bad", changes nothing.
    """
    ids = (reveal.left.id, reveal.right.id)
    counts = Counts.of(before.outcomes, ids)  # these two come first
    table = counts.table.copy()
    if reveal.counted:
        table[0, 1, CHOICES.index(reveal.choice)] += 1
    old, new = (estimates(each).tolist() for each in (counts, Counts(counts.names, table)))
    return {ids[0]: (old[0], new[0]), ids[1]: (old[1], new[1])}


def _with_authors(site: Site, stage: Stage) -> Stage:
    """With who wrote each reply: a battle that was brought back has learnt that only now.

    The vote is in: where that cannot be read, it is shown without.
    """
    if all(turn.draw for c in stage.conversations.values() for turn in c.turns if turn.said):
        return stage
    try:
        loaded = {
            side: site.store.conversations.load(c.id, stage.visitor)
            for side, c in stage.conversations.items()
        }
    except StoreError:
        return stage
    return stage if None in loaded.values() else replace(stage, conversations=loaded)


async def skip(site: Site, stage: Stage) -> Stage:
    """Leave the battle unjudged: it stays in the database as void. Raises Refused after a vote."""
    await asyncio.to_thread(site.store.battles.void, stage.battle, stage.visitor, "skipped")
    return replace(stage, status="void", note=why_void(stage, "skipped", False))


async def leave(site: Site, stage: Stage) -> None:
    """Make room for a new battle: skip this one unless it is over, and do not bring it back.

    Raises Refused and StoreError; then nothing was changed.
    """
    await asyncio.to_thread(_leave, site, stage)


def _leave(site: Site, stage: Stage) -> None:
    ids = [conversation.id for conversation in stage.conversations.values()]
    with site.store.database.transaction():
        if not stage.over:
            site.store.battles.void(stage.battle, stage.visitor, "skipped")
        site.store.conversations.dismiss(ids, stage.visitor)
