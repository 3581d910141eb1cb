"""What visitors do in the arena, a listener each: send, retry, stop, vote, begin anew."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import gradio as gr

from arena.battle import battle, voting
from arena.battle.resume import resume_battle
from arena.battle.state import BattleView
from arena.models import Refused, StoreError
from arena.pages.battle import modes
from arena.pages.battle.reader import BattleReader
from arena.pages.battle.replies import PendingMessage, follow_replies
from arena.pages.battle.view import Onlooker, battle_view, can_be_left
from arena.pages.language import texts_of
from arena.pages.listener import Event, listener
from arena.pages.messages import Refusals, can_send, show_error, show_warning
from arena.pages.publication.notice import is_offered
from arena.pages.visitor import account, address, check_message, needs_login
from arena.site.site import Site
from arena.site.stream_merge import REFRESH_INTERVAL
from blend.conversation import Conversation

POLL = 1.0  # seconds between two looks at a battle that another window is writing

ENDING = 10.0  # seconds that both sides are given to end after Stop


class BattleEvents(BattleReader):
    """The page's listeners over one site."""

    def __init__(self, site: Site):
        super().__init__(site)
        self._answering: set[str] = set()

    def outputs(
        self, view: BattleView | None, request: gr.Request | None = None, **picks: str
    ) -> tuple:
        """The page's outputs for who asks; see `battle_view`. picks: by side, see `Onlooker`."""
        locked, named = needs_login(self.site, request), modes.is_named(request)
        by = Onlooker(texts_of(request), locked, named, picks)
        return battle_view(self.site.roster, view, by)

    async def resume(self, visitor: str | None, request: gr.Request | None = None):
        """The visitor's latest battle of the page's mode, when the page is loaded; from now on they
        can type. Last comes its last message, where that is answered."""
        view, named = None, modes.is_named(request)
        try:
            if isinstance(visitor, str) and visitor:
                view = await resume_battle(self.site, visitor, named=named)
                while view is not None and view.elsewhere:
                    yield *self.outputs(view, request), ""
                    await asyncio.sleep(POLL)
                    view = await resume_battle(self.site, visitor, named=named)
        except Refusals as refusal:
            show_error(refusal, texts_of(request), "page.unread")
        outputs = self.outputs(view, request, **modes.picked(self.site.roster, request))
        yield *outputs, view.answered if view is not None else ""

    @listener(None, "")
    async def send(
        self,
        event: Event[BattleView],
        text: str,
        left: str | None = None,
        right: str | None = None,
        private: bool | None = None,
    ) -> tuple:
        """Let a message to both sides in; the first one opens the battle.

        left, right: the contenders that were chosen, where the page's mode is to name them.
        private: what the switch says where conversations may be published. Last come what to
        answer, and the text where it was let in: it leaves the box only then.
        """
        view, visitor = event.state, event.visitor
        if view is not None and view.status == "streaming":
            show_warning(event.texts("battle.busy"))
            return gr.skip()
        if view is not None and view.status == "voted":  # what the vote says is on its way
            return gr.skip()
        if not can_send(self.site, visitor, event.texts):
            return *self.outputs(view, event.request), None, ""
        conversation = Conversation().ask(text, self.site.settings.longest_message)
        most = self.site.settings.turns
        if view is not None and view.status == "ready" and view.turns >= most:
            raise Refused("refusals.full", n=most)
        await check_message(self.site, visitor, event.request, text)
        longest = self.site.contenders.max_reply_tokens
        await asyncio.to_thread(self.site.contenders.check_length, conversation, None, longest)
        if view is None or view.over:
            origin = address(self.site, event.request)
            chosen = (left, right) if modes.is_named(event.request) else None
            offered = is_offered(self.site, private)
            view = await battle.open_battle(self.site, visitor, origin, chosen, offered)
        asking = self.outputs(view.pending(text), event.request)
        return *asking, PendingMessage(text, view), text

    @listener(None, "")
    async def retry(self, event: Event[BattleView]) -> tuple:
        """Let the last message in once more, for who did not finish."""
        view = event.state
        if view is None or not view.retry or not can_send(self.site, event.visitor, event.texts):
            return *self.outputs(view, event.request), None, ""
        await check_message(self.site, event.visitor, event.request)
        text = view.conversations["left"].turns[-1].prompt
        asking = self.outputs(view.pending(), event.request)
        return *asking, PendingMessage(text, view, retry=True), text

    async def reply(
        self, message: PendingMessage | None, request: gr.Request | None = None
    ) -> AsyncGenerator[tuple, None]:
        """Both replies, growing: see `arena.pages.battle.replies`; last what can end them. Nothing
        where no message waits."""
        if message is None or message.id in self._answering:
            yield gr.skip()
            return
        self._answering.add(message.id)
        try:
            origin, texts, roster = address(self.site, request), texts_of(request), self.site.roster
            yield *(gr.skip() for _ in range(5)), *can_be_left(texts)
            if message.retry:
                views = battle.retry(self.site, message.before, origin)
            else:
                views = battle.send_message(self.site, message.before, message.text, origin)
            replies = follow_replies(self, roster, texts, views, message)
            async with aclosing(replies) as growing:
                async for columns in growing:
                    yield *columns, gr.skip(), gr.skip()
        finally:
            self._answering.discard(message.id)

    @listener(unstored="page.unread")
    async def done(self, event: Event[BattleView]) -> tuple:
        """The page after both replies; one that was cut off is left to whoever cut it.

        A skip may have come with the last words: what the database has is what is shown.
        """
        view = event.state
        if view is not None and view.status in ("streaming", "voted"):
            return gr.skip()
        if view is not None and view.status in ("ready", "void"):
            own = (view.visitor, view.battle)
            latest = await asyncio.to_thread(self.site.store.battles.latest, *own)
            if latest is None or latest.dismissed:  # it was left for a new one meanwhile
                view = None
            elif latest.status != view.status:
                view = await self.reload(view, view.visitor)
        return self.outputs(view, event.request)

    @listener("", unstored="page.unread")
    async def stop(self, event: Event[BattleView]) -> tuple:
        """The page after Stop, and the message for the box: what came stays, and can be retried."""
        view, text = event.state, ""
        if view is not None and view.status == "streaming":
            text = view.conversations["left"].turns[-1].prompt
            until = time.monotonic() + ENDING
            while self.site.replies.in_progress(view.battle) and time.monotonic() < until:
                await asyncio.sleep(REFRESH_INTERVAL)
            view = await self.reload(view, view.visitor)
            if view is not None and view.retry:
                view = replace(view, note="battle.stopped")
        came = view is not None and view.status == "ready"
        return *self.outputs(view, event.request), "" if came else text

    @listener()
    async def vote(self, event: Event[BattleView], choice: str) -> tuple:
        """The vote and, only once it is committed, the names."""
        view = event.state
        if view is None:
            show_warning(event.texts("battle.none"))
            return gr.skip()
        if event.visitor != view.visitor:
            show_warning(event.texts("battle.foreign"))
            return gr.skip()
        if view.status == "streaming":  # a message was sent just before
            return gr.skip()
        self.site.guard.check_vote(event.visitor, account(self.site, event.request))
        return self.outputs(await voting.vote(self.site, view, choice), event.request)

    @listener(None)
    async def renew(self, event: Event[BattleView]) -> tuple:
        """A new battle; one that is left without a vote is kept as skipped.

        Last comes what to answer: nothing, even where a message was let in just now.
        """
        try:
            if event.state is not None:
                await battle.abandon(self.site, event.state)
        except StoreError as error:
            show_error(error, texts=event.texts)
            return gr.skip()  # what is typed as a comment stays
        return *self.outputs(None, event.request), None
