"""A battle: two hidden contenders, one message for both, one vote, and only then the names."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, nullcontext
from dataclasses import replace
from functools import partial

from arena.effect import effect
from arena.leak import family, leaked
from arena.race import BEAT, SIDES, Side, race
from arena.recording import register_visitor
from arena.records import ELSEWHERE, STALLED, Battle, Refused, StoreError
from arena.site import Site
from arena.stage import Stage, why_void
from arena.voting import cast_vote
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

    address: the sealed network address that the visitor comes from, where it is known.
    """
    drawn = await asyncio.to_thread(site.draw)
    contenders: dict[Side, str] = {
        "left": site.contender_id(drawn.left),
        "right": site.contender_id(drawn.right),
    }
    stage = Stage(new_id(), visitor, contenders, {side: Conversation() for side in SIDES})
    battle = Battle(
        id=stage.battle,
        visitor=visitor,
        **contenders,
        left_conversation=stage.conversations["left"].id,
        right_conversation=stage.conversations["right"].id,
        pair_chance=drawn.chance,
        policy=drawn.policy,
    )
    await asyncio.to_thread(register_visitor, site.store, visitor, address)
    await asyncio.to_thread(site.store.battles.open, battle)
    return stage


async def fight(
    site: Site, stage: Stage, text: str, address: str | None = None
) -> AsyncGenerator[Stage, None]:
    """One message to both sides: the stage, growing, until both have finished or one has failed.

    Raises MessageError for a text that cannot be sent, Full where there is no room just now, and
    Refused where the rules say no; all of them leave the battle as it was. One that is closed in
    the middle is void, and may be saved by `again`. address: as for `open_battle`; it has a share
    of the places.
    """
    if stage.unkept:
        raise Refused(UNKEPT)
    asked = {s: c.ask(text, site.settings.longest_message) for s, c in stage.conversations.items()}
    names = _names(site, stage)
    async with site.gate.place(len(SIDES), site.guard.counted(address)):
        given = (stage.battle, stage.visitor, text, site.settings.turns, stage.turns)
        let_in = partial(site.store.battles.admit_message, *given)
        started = replace(stage, conversations=asked)
        async with aclosing(_play(site, started, names, dict.fromkeys(SIDES), let_in)) as growing:
            async for stage in growing:
                yield stage


async def again(
    site: Site, stage: Stage, address: str | None = None
) -> AsyncGenerator[Stage, None]:
    """The last message once more to those who did not finish; the other side stays as it is.

    Raises as `fight` does. What was said the first time stays in the database.
    """
    sides, names = stage.unfinished, _names(site, stage)
    async with site.gate.place(len(sides), site.guard.counted(address)):
        let_in = partial(site.store.battles.retry, stage.battle, stage.visitor, stage.turns)
        replaced = {side: stage.conversations[side].turns[-1].id for side in sides}
        asked = {side: stage.conversations[side].regenerate() for side in sides}
        started = replace(stage, conversations=stage.conversations | asked)
        async with aclosing(_play(site, started, names, replaced, let_in)) as growing:
            async for stage in growing:
                yield stage


def _names(site: Site, stage: Stage) -> dict[Side, str]:
    """Who fights, by the names of now. Raises Refused where one of them is not here any more."""
    try:
        return {side: site.name(id) for side, id in stage.contenders.items()}
    except KeyError:
        raise Refused(CHANGED) from None


async def _play(
    site: Site,
    stage: Stage,
    names: dict[Side, str],
    replaced: Mapping[Side, str | None],
    let_in: Callable[[], None],
) -> AsyncGenerator[Stage, None]:
    """The replies of these sides, all at once; `replaced` is what each of them stands for.

    let_in: notes in the database that they are being written, or raises Refused. Where what came of
    them cannot be stored just now the last stage is still streaming: see `comeback.back`.
    """
    asked = stage.conversations
    stage = replace(stage, status="streaming", retry=False, note="")
    shown = time.monotonic()
    with site.writing(stage.battle):
        # In here: a page loaded between the two would take it for one the program died in.
        await asyncio.to_thread(let_in)
        try:
            yield stage
            seats = site.party(tuple(replaced))
            alike = {"hidden": True, "place": nullcontext(), "max_tokens": site.longest_reply}
            streams = {
                side: site.reply(names[side], asked[side], turn, seat=seats[side], **alike)
                for side, turn in replaced.items()
            }
            async with aclosing(race(streams, max(BEAT, site.breath))) as turns:
                async for latest in turns:
                    grown = {side: asked[side].answered(turn) for side, turn in latest.items()}
                    stage = replace(stage, conversations=asked | grown)
                    if not site.settings.together:
                        yield stage
                    elif time.monotonic() - shown >= ALIVE:
                        shown = time.monotonic()
                        yield replace(stage, conversations=asked)
        except Refused:
            # A skip came before the first word, and nothing more is let in: that is no fault.
            state = await asyncio.to_thread(site.store.battles.state, stage.battle)
            if state is None or state.status != "void":
                raise
        finally:
            # A closed tab cancels this generator: what came of it must be noted all the same.
            settling = asyncio.to_thread(_settled_or_later, site, stage, names)
            stage = await asyncio.shield(settling)
    if stage.status == "ready":
        ahead = {side: site.ahead(names[side], c) for side, c in stage.conversations.items()}
        stage = replace(stage, conversations=ahead)
    yield stage


def _settled_or_later(site: Site, stage: Stage, names: dict[Side, str]) -> Stage:
    """What came of a message; as it was, still streaming, where that must be stored later.

    Its replies come first: without them there is nothing to judge.
    """
    came: list[Stage] = []

    def settle() -> None:
        if any(site.written(conversation.id) for conversation in stage.conversations.values()):
            raise StoreError(f"battle {stage.battle}: its replies are not stored yet")
        came.append(_settled(site, stage, names))

    return came[0] if site.stored(stage.battle, settle) else stage


def _settled(site: Site, stage: Stage, names: dict[Side, str]) -> Stage:
    """Note what came of a message: whether it told who wrote it, and whether it can be judged.

    In this order: no vote may come between the two. Where it was skipped meanwhile, it stays so.
    """
    store, both = site.store, stage.conversations.values()
    replies = [conversation.turns[-1].reply for conversation in both]
    heard = [turn.prompt for turn in stage.conversations["left"].turns]
    if leaked(replies, family(site.roster, *names.values()), heard):
        store.battles.mark_leaked(stage.battle)
        stage = replace(stage, leaked=True)
    if stage.unfinished:
        store.battles.void(stage.battle, stage.visitor, STALLED)  # a skip's own reason stays
    state = store.battles.state(stage.battle)
    if state is not None and state.status == "void":
        found = store.battles.latest(stage.visitor, stage.battle)
        retry = found is not None and found.retry
        note = why_void(stage, state.void_reason, retry)
        return replace(stage, status="void", retry=retry, note=note)
    store.battles.mark_ready(stage.battle)
    return replace(stage, status="ready")


async def vote(site: Site, stage: Stage, choice: str) -> Stage:
    """The vote, committed; only then the stage holds a reveal. Raises Refused."""
    state = await asyncio.to_thread(site.store.battles.state, stage.battle)
    if state is not None and state.turns != stage.turns:
        raise Refused(ELSEWHERE)
    before = await asyncio.to_thread(site.store.votes.counts, "own")
    reveal = await asyncio.to_thread(cast_vote, site.store, stage.battle, stage.visitor, choice)
    moved = await asyncio.to_thread(effect, before, reveal)
    voted = replace(stage, status="voted", reveal=reveal, moved=moved)
    return await asyncio.to_thread(_told, site, voted)


def _told(site: Site, stage: Stage) -> Stage:
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
