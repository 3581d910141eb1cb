"""What happens in the arena tab: a listener for each thing that its visitors do."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

import gradio as gr

from arena import battle
from arena.comeback import back
from arena.records import Refused
from arena.site import Site
from arena.stage import Stage
from arena.tabs import guest
from arena.tabs.refusal import Refusals, may_speak, tell
from arena.tabs.scene import columns, scene
from blend.conversation import checked

BROKEN = (
    "What was said could not be stored, so this battle does not count. "
    "Send your message to two others."
)
POLL = 1.0
"""Seconds between two looks at a battle that another window is writing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that was let in. again: it is for those who did not finish, once more."""

    text: str
    again: bool = False


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
    ) -> tuple:
        """Let a message to both sides in; the first one opens the battle. Last, what to fight."""
        view = self.viewed(request)
        try:
            if may_speak(self.site, visitor):
                checked(text, self.site.settings.longest_message)
                await guest.admit(self.site, visitor, request, text)
                if stage is None or stage.over:
                    origin = guest.address(self.site, request)
                    stage = await battle.open_battle(self.site, visitor, origin)
                return *view(stage.asking(text))[:-1], stage, Asked(text)
        except Refusals as refusal:
            stage = await self._after(refusal, stage, visitor)
        return *view(stage, text), None

    async def again(
        self, stage: Stage | None, visitor: str | None, request: gr.Request | None = None
    ) -> tuple:
        """Let the last message in once more, for who did not finish."""
        view = self.viewed(request)
        try:
            if stage is not None and stage.retry and may_speak(self.site, visitor):
                await guest.admit(self.site, visitor, request)
                asked = Asked(stage.conversations["left"].turns[-1].prompt, again=True)
                return *view(stage.asking())[:-1], stage, asked
        except Refusals as refusal:
            stage = await self._after(refusal, stage, visitor)
        return *view(stage), None

    async def fight(self, asked: Asked | None, stage: Stage | None):
        """Both replies, growing: the columns, the battle, nothing more to fight, and at the end the
        text that goes back into the box.

        Each beat makes these few anew and no more: the other components cost twenty times as much.
        """
        if asked is None or stage is None:
            yield gr.skip()
            return
        if asked.again:
            replies = battle.again(self.site, stage)
        else:
            replies = battle.fight(self.site, stage, asked.text)
        try:
            async with aclosing(replies) as growing:
                async for stage in growing:
                    if stage.status == "streaming":
                        yield *columns(stage), stage, None, None
            kept = asked.text if stage.status == "void" else None
        except Refusals as refusal:
            stage, kept = await self._after(refusal, stage, stage.visitor), asked.text
        yield *columns(stage), stage, None, kept

    async def done(self, stage: Stage | None, kept: str | None, request: gr.Request | None = None):
        """The page after a fight; one that was cut off is left to whoever cut it.

        A skip may have come with the last words: what the database has is what is shown.
        """
        if stage is not None and stage.status == "streaming":
            return gr.skip()
        try:
            if stage is not None and stage.status == "ready":
                state = await asyncio.to_thread(self.site.store.battle, stage.battle)
                if state is not None and state.status == "void":
                    stage = await back(self.site, stage.visitor)
        except Refusals as refusal:
            tell(refusal)
        return *self.viewed(request)(stage, kept), None

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
