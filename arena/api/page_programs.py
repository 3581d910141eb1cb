"""One reply for a program, as the page's public endpoint and the tools offer it beside /v1."""

import asyncio
from contextlib import aclosing
from typing import TypedDict

from arena.api.errors import brief
from arena.models import Refused
from arena.site.limiter import Overloaded
from arena.site.site import Site
from blend.conversation import Conversation
from blend.message import MessageError


class ProgramReply(TypedDict):
    """One reply, the member that wrote it, and how likely that member was to be drawn. Where every
    sentence was drawn it has the names of all who wrote, and as where a panel answered, in which
    nobody is drawn, no chance."""

    reply: str
    member: str
    chance: float | None


class Unanswered(RuntimeError):
    """Why there is no reply, in a sentence for the caller."""


async def ask(site: Site, message: str, contender: str, address: str | None) -> ProgramReply:
    """The reply of a contender to one message; as with /v1, nothing of it is stored.

    contender: its name; empty for the blend that the site is about. address: the caller's, hashed.
    Raises Unanswered.
    """
    if not site.contenders.ready:
        raise Unanswered(site.contenders.notice())
    name = contender or site.roster.focus
    try:
        # First, so that what is refused for its form is counted as well.
        await site.guard.check_message(None, address)
        conversation = Conversation().ask(message, site.settings.longest_message)
        await site.guard.check_message(None, None, message)
        names = [spec.name for spec in site.roster.contenders]
        if name not in names:
            there = ", ".join(names)
            raise Unanswered(f"There is no contender {brief(name)} here; there are {there}.")
        await asyncio.to_thread(site.contenders.check_length, conversation, name)
        replying = site.replies.stream_to_program(name, conversation, address, address)
        async with aclosing(replying) as growing:
            turn = [turn async for turn in growing][-1]
    except (MessageError, Overloaded, Refused) as refusal:
        raise Unanswered(str(refusal)) from None
    if turn.error:
        raise Unanswered(turn.error)
    chance = None if turn.sentences else turn.draw.chance
    return ProgramReply(
        reply=turn.reply,
        member=", ".join(dict.fromkeys(turn.writers)) or turn.draw.member,
        chance=None if chance is None else round(chance, 6),
    )
