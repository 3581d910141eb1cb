"""Moderation: a callable of the host's that may refuse texts, before and after the model."""

import asyncio
import importlib
import inspect
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from arena.texts import ENGLISH
from blend.conversation import Draft, Turn
from blend.roster.settings import SettingError

log = logging.getLogger(__name__)

UNCHECKED = {
    "user": ENGLISH("refusals.unchecked"),
    "assistant": ENGLISH("replies.unchecked"),
}


class Moderation:
    """What the hook says of a text: nothing, or the sentence with which it is refused.

    hook(text, role): role is "user" for a message or a persona, "assistant" for a whole reply; it
    returns None or that sentence, or an awaitable of one; it is called in a thread. Where it
    raises, answers anything else, or takes longer than `patience` seconds, nothing was checked: the
    text is refused, the visitor reads just that, and the host's log has the reason.
    """

    def __init__(self, hook: Callable[[str, str], Any] | None = None, patience: float = 20.0):
        self.hook = hook
        self._patience = patience

    @classmethod
    def named(cls, place: str) -> "Moderation":
        """By "module:function", importable from where the program runs; "" is none at all.

        Raises SettingError.
        """
        if not place:
            return cls()
        module, _, name = place.partition(":")
        try:
            hook = getattr(importlib.import_module(module), name)
        except Exception as error:  # whatever the host's module raises while it is read
            raise SettingError(f"moderation {place!r} cannot be had: {error!r}") from None
        if not callable(hook):
            raise SettingError(f"moderation {place!r} cannot be called: name a function")
        return cls(hook)

    async def refusal(self, text: str, role: str) -> str | None:
        """Why the text is refused, in a sentence; None where it may be said."""
        if self.hook is None or not text.strip():
            return None
        try:
            async with asyncio.timeout(self._patience):
                answer = await asyncio.to_thread(self.hook, text, role)
                answer = await answer if inspect.isawaitable(answer) else answer
            if answer is None or (isinstance(answer, str) and answer.strip()):
                return answer
            raise TypeError(f"it must answer None or a sentence, not {answer!r}")
        except Exception as error:  # the host's code may raise anything
            log.error("moderation: %r", error)
            return UNCHECKED[role]

    async def replies(self, turns: AsyncGenerator[Turn, None]) -> AsyncGenerator[Turn, None]:
        """The growing turns; with a hook, none of a reply is shown before all of it was checked."""
        async with aclosing(turns):
            async for turn in turns:
                if self.hook is None:
                    yield turn
                elif turn.finished or turn.error:
                    yield await self._checked(turn)
                else:
                    yield replace(turn, reply="", thought="", ttft_s=None, selection=None)

    async def _checked(self, turn: Turn) -> Turn:
        if await self.refusal(turn.thought, "assistant"):
            turn = replace(turn, thought="")
        if refusal := await self.refusal(turn.reply, "assistant"):
            turn = replace(turn, reply="", thought="", error=refusal, finished=False)
            return replace(turn, selection=None)
        if turn.selection:
            drafts = await asyncio.gather(*map(self._checked_draft, turn.selection.drafts))
            turn = replace(turn, selection=replace(turn.selection, drafts=tuple(drafts)))
        return turn

    async def _checked_draft(self, draft: Draft) -> Draft:
        """A draft that can be unfolded; one that was picked has been checked as the reply."""
        refused = not draft.picked and await self.refusal(draft.text, "assistant")
        return replace(draft, text="") if refused else draft
