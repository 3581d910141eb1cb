"""What happens in the arena tab: a listener for each thing that its visitors do."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import partial

import gradio as gr

from arena import battle
from arena.comeback import back
from arena.plural import many
from arena.race import BEAT
from arena.records import Refused, StoreError
from arena.site import Site
from arena.stage import Stage
from arena.tabs import guest
from arena.tabs.refusal import UNREAD, Refusals, Unread, may_speak, tell, untouched
from arena.tabs.scene import columns, scene
from blend.conversation import Conversation, new_id

log = logging.getLogger(__name__)

BROKEN = (
    "What was said could not be stored, so this battle does not count. "
    "Send your message to two others."
)
BUSY = "Both are still answering: wait for them, or stop them. Your text stays in the box."
STOPPED = (
    "You stopped the replies, so this battle does not count as it is. "
    "Try them once more, or send your message to two others."
)
LATER = (
    "The replies could not be stored just now. This is tried again until it works; "
    "then you can vote."
)
POLL = 1.0
"""Seconds between two looks at a battle that another window is writing, or that is not stored."""

ENDING = 10.0
"""Seconds that both sides are given to end after Stop."""

LOOKS = 300
"""How often a battle is looked at that could not be stored, before it is given up."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that was let in. again: it is for those who did not finish, once more.

    before: the battle without it.
    """

    text: str
    before: Stage
    again: bool = False
    id: str = field(default_factory=new_id)


class Duel:
    """The tab's listeners over one site.

    stage: the battle that the page shows, as this session remembers it. A server that was started
    anew, or that had too many sessions, remembers nothing: then the battle is looked up by `shown`,
    its id as the page tells it, and only if it is the visitor's own.
    """

    def __init__(self, site: Site):
        self.site = site
        self._fighting: set[str] = set()

    async def _found(self, stage: Stage | None, shown: str, visitor: str | None) -> Stage | None:
        """The battle that the page shows; None where it shows none. Raises Unread."""
        if stage is not None or not all(isinstance(id, str) and id for id in (shown, visitor)):
            return stage
        try:
            return await back(self.site, visitor, shown)
        except StoreError as error:
            raise Unread(error) from error

    async def resume(self, visitor: str | None, request: gr.Request | None = None):
        """The visitor's latest battle, when the page is loaded; from now on they can type."""
        stage, view = None, self.viewed(request)
        try:
            if isinstance(visitor, str) and visitor:
                stage = await back(self.site, visitor)
                while stage is not None and stage.elsewhere:
                    yield view(stage)
                    await asyncio.sleep(POLL)
                    stage = await back(self.site, visitor)
        except Refusals as refusal:
            tell(refusal, UNREAD)
        yield view(stage)

    @untouched
    async def send(
        self,
        text: str,
        stage: Stage | None,
        visitor: str | None,
        shown: str = "",
        request: gr.Request | None = None,
    ) -> tuple:
        """Let a message to both sides in; the first one opens the battle.

        Last come what to fight, and the text where it was let in: it leaves the box only then.
        """
        view = self.viewed(request)
        stage = await self._found(stage, shown, visitor)
        if stage is not None and stage.status == "streaming":
            gr.Warning(BUSY)
            return gr.skip()
        try:
            if may_speak(self.site, visitor):
                said = Conversation().ask(text, self.site.settings.longest_message)
                self._check_room(stage)
                await guest.admit(self.site, visitor, request, text)
                most = self.site.longest_reply
                await asyncio.to_thread(self.site.check_length, said, None, most)
                if stage is None or stage.over:
                    origin = guest.address(self.site, request)
                    stage = await battle.open_battle(self.site, visitor, origin)
                return *view(stage.asking(text)), Asked(text, stage), text
        except Refusals as refusal:
            stage = await self._after(refusal, stage, visitor)
        return *view(stage), None, ""

    @untouched
    async def again(
        self,
        stage: Stage | None,
        visitor: str | None,
        shown: str = "",
        request: gr.Request | None = None,
    ) -> tuple:
        """Let the last message in once more, for who did not finish."""
        view = self.viewed(request)
        stage = await self._found(stage, shown, visitor)
        try:
            if stage is not None and stage.retry and may_speak(self.site, visitor):
                await guest.admit(self.site, visitor, request)
                text = stage.conversations["left"].turns[-1].prompt
                return *view(stage.asking()), Asked(text, stage, again=True), text
        except Refusals as refusal:
            stage = await self._after(refusal, stage, visitor)
        return *view(stage), None, ""

    async def fight(self, asked: Asked | None, request: gr.Request | None = None):
        """Both replies, growing: the columns, the battle, nothing more to fight, and at the end the
        text that goes back into the box.

        Each beat makes these few anew and no more: the other components cost twenty times as much.
        """
        if asked is None or asked.id in self._fighting:
            yield gr.skip()
            return
        self._fighting.add(asked.id)
        try:
            async with aclosing(self._fight(asked, request)) as growing:
                async for grown in growing:
                    yield grown
        finally:
            self._fighting.discard(asked.id)

    async def _fight(self, asked: Asked, request: gr.Request | None) -> AsyncGenerator[tuple, None]:
        origin = guest.address(self.site, request)
        if asked.again:
            replies = battle.again(self.site, asked.before, origin)
        else:
            replies = battle.fight(self.site, asked.before, asked.text, origin)
        stage = None
        try:
            async with aclosing(replies) as growing:
                async for stage in growing:
                    if stage.status == "streaming":
                        yield *columns(stage), stage, None, ""
        except Refusals as refusal:
            if stage is None:
                stage = await self._after(refusal, asked.before, asked.before.visitor)
                yield *columns(stage), stage, None, asked.text
                return
            if isinstance(refusal, StoreError):
                log.error("%s", refusal)
            else:
                tell(refusal)
        last = stage
        async for stage in self._settled(last):
            yield *columns(stage), stage, None, ""
        yield *columns(stage), stage, None, asked.text if stage.status == "void" else ""

    async def _settled(self, stage: Stage) -> AsyncGenerator[Stage, None]:
        """The battle, again and again until what came of its message is stored."""
        told = False
        for _ in range(LOOKS):
            if stage.status != "streaming":
                return
            with suppress(StoreError):
                found = await back(self.site, stage.visitor, stage.battle, known=stage)
                stage = found if found and not found.elsewhere else stage
            yield stage
            if stage.status == "streaming":
                if not told:
                    gr.Warning(LATER)
                told = True
                await asyncio.sleep(POLL)
        if stage.status == "streaming":
            yield replace(stage, status="void", note=BROKEN)

    @untouched
    async def done(
        self,
        stage: Stage | None,
        visitor: str | None = None,
        shown: str = "",
        request: gr.Request | None = None,
    ):
        """The page after a fight; one that was cut off is left to whoever cut it.

        A skip may have come with the last words: what the database has is what is shown.
        """
        if stage is not None and stage.status == "streaming":
            return gr.skip()
        stage = await self._found(stage, shown, visitor)
        try:
            if stage is not None and stage.status in ("ready", "void"):
                own = (stage.visitor, stage.battle)
                found = await asyncio.to_thread(self.site.store.latest_battle, *own)
                if found is None or found.put_away:  # it was left for a new one meanwhile
                    stage = None
                elif found.status != stage.status:
                    stage = await back(self.site, *own, known=stage)
        except Refusals as refusal:
            tell(refusal, UNREAD)
        return self.viewed(request)(stage)

    @untouched
    async def stop(
        self,
        stage: Stage | None,
        visitor: str | None,
        shown: str = "",
        request: gr.Request | None = None,
    ):
        """The page after Stop, and the message for the box: what came stays, and can be retried."""
        view, text = self.viewed(request), ""
        stage = await self._found(stage, shown, visitor)
        try:
            if stage is not None and stage.status == "streaming":
                text = stage.conversations["left"].turns[-1].prompt
                until = time.monotonic() + ENDING
                while self.site.written(stage.battle) and time.monotonic() < until:
                    await asyncio.sleep(BEAT)
                stage = await back(self.site, stage.visitor, stage.battle, known=stage)
                if stage is not None and stage.retry:
                    stage = replace(stage, note=STOPPED)
        except Refusals as refusal:
            tell(refusal, UNREAD)
        return *view(stage), "" if stage and stage.status == "ready" else text

    @untouched
    async def vote(
        self,
        choice: str,
        stage: Stage | None,
        visitor: str | None,
        shown: str = "",
        request: gr.Request | None = None,
    ):
        """The vote and, only once it is committed, the names."""
        stage = await self._found(stage, shown, visitor)
        if stage is None:
            gr.Warning("There is no battle to vote on yet: send a message first.")
            return gr.skip()
        if visitor != stage.visitor:
            gr.Warning("This is another visitor's battle: only they can vote on it.")
            return gr.skip()
        view = self.viewed(request)
        try:
            self.site.guard.vote(visitor, guest.account(self.site, request))
            return view(await battle.vote(self.site, stage, choice))
        except Refusals as refusal:
            return view(await self._after(refusal, stage, visitor))

    @untouched
    async def renew(
        self,
        stage: Stage | None,
        visitor: str | None = None,
        shown: str = "",
        request: gr.Request | None = None,
    ):
        """A new battle; one that is left without a vote is kept as skipped."""
        view = self.viewed(request)
        stage = await self._found(stage, shown, visitor)
        if stage is not None:
            try:
                await battle.leave(self.site, stage)
            except Refusals as refusal:
                return view(await self._after(refusal, stage, stage.visitor))
        return view(None)

    @untouched
    async def begin(
        self,
        stage: Stage | None,
        visitor: str | None,
        shown: str = "",
        request: gr.Request | None = None,
    ):
        """An example was put into the box: where the battle has its vote, that of a new one."""
        stage = await self._found(stage, shown, visitor)
        if stage is not None and stage.status == "voted":
            return await self.renew(stage, visitor, shown, request)
        return gr.skip()

    async def _after(self, refusal: Exception, stage: Stage | None, visitor: str) -> Stage | None:
        """Say why not; a rule may have spoken of what this page does not show, so look again."""
        tell(refusal)
        if stage is None or not isinstance(refusal, Refused):
            return stage
        try:
            return await back(self.site, visitor, stage.battle, known=stage)
        except Refusals:
            return stage

    def viewed(self, request: gr.Request | None) -> Callable[..., tuple]:
        """What turns a stage into the tab's outputs for who asks; see `arena.tabs.scene`."""
        return partial(scene, self.site.roster, locked=guest.locked(self.site, request))

    def _check_room(self, stage: Stage | None) -> None:
        """Raise Refused where the battle has had all its messages."""
        most = self.site.settings.turns
        if stage is not None and stage.status == "ready" and stage.turns >= most:
            raise Refused(f"This battle has had its {many(most, 'message')}: vote now.")
