"""What happens in the arena tab: a listener for each thing that its visitors do."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial

import gradio as gr

from arena import battle
from arena.comeback import back
from arena.records import Refused
from arena.site import Site
from arena.stage import Stage
from arena.tabs import guest
from arena.tabs.refusal import Refusals, may_speak, tell
from arena.tabs.scene import scene
from blend.conversation import checked

BROKEN = (
    "What was said could not be stored, so this battle does not count. "
    "Send your message to two others."
)
POLL = 1.0
"""Seconds between two looks at a battle that another window is writing."""


class Duel:
    """The tab's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site

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
            tell(refusal)
        yield view(stage)

    async def send(
        self, text: str, stage: Stage | None, visitor: str | None, request: gr.Request | None = None
    ):
        """One message to both sides; the first one opens the battle."""
        if not may_speak(self.site, visitor):
            yield gr.skip()
            return
        view = self.viewed(request)
        try:
            checked(text, self.site.settings.longest_message)
            await guest.admit(self.site, visitor, request, text)
            if stage is None or stage.over:
                origin = guest.address(self.site, request)
                stage = await battle.open_battle(self.site, visitor, origin)
            async with aclosing(battle.fight(self.site, stage, text)) as growing:
                async for stage in growing:
                    yield view(stage, kept=text if stage.status == "void" else None)
        except Refusals as refusal:
            yield view(await self._after(refusal, stage, visitor), kept=text)

    async def again(
        self, stage: Stage | None, visitor: str | None, request: gr.Request | None = None
    ):
        """Who did not finish is asked once more."""
        if stage is None or not stage.retry or not may_speak(self.site, visitor):
            yield gr.skip()
            return
        view = self.viewed(request)
        try:
            await guest.admit(self.site, visitor, request)
            async with aclosing(battle.again(self.site, stage)) as growing:
                async for stage in growing:
                    yield view(stage, kept="" if stage.status == "ready" else None)
        except Refusals as refusal:
            yield view(await self._after(refusal, stage, visitor))

    async def vote(
        self,
        choice: str,
        stage: Stage | None,
        visitor: str | None,
        request: gr.Request | None = None,
    ):
        """The vote and, only once it is committed, the names."""
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

    async def renew(
        self, stage: Stage | None, kept: str | None = None, request: gr.Request | None = None
    ):
        """A new battle; one that is left without a vote is kept as skipped."""
        view = self.viewed(request)
        if stage is not None:
            try:
                await battle.leave(self.site, stage)
            except Refusals as refusal:
                return view(await self._after(refusal, stage, stage.visitor))
        return view(None, kept)

    async def begin(self, text: str, stage: Stage | None, request: gr.Request | None = None):
        """An example into the box; where the battle has its vote, that of a new one."""
        if stage is not None and stage.status == "voted":
            return await self.renew(stage, text, request)
        kept = None if stage and stage.status == "streaming" else text
        return self.viewed(request)(stage, kept)

    async def _after(self, refusal: Exception, stage: Stage | None, visitor: str) -> Stage | None:
        """Say why not; a rule may have spoken of what this page does not show, so look again."""
        tell(refusal)
        broken = stage is not None and stage.status == "streaming"
        if stage is None or not (broken or isinstance(refusal, Refused)):
            return stage
        try:
            return await back(self.site, visitor)
        except Refusals:
            return replace(stage, status="void", note=BROKEN) if broken else stage

    def viewed(self, request: gr.Request | None) -> Callable[..., tuple]:
        """What turns a stage into the tab's outputs for who asks; see `arena.tabs.scene`."""
        return partial(scene, self.site.roster, locked=guest.locked(self.site, request))
