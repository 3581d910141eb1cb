"""The endpoint /ask: one reply of a contender, for gradio_client and, as a tool, for MCP."""

import asyncio
from contextlib import aclosing

import gradio as gr

from arena.completion import brief
from arena.gate import Full
from arena.records import Refused
from arena.site import Site
from arena.tabs import guest
from blend.conversation import Conversation, MessageError


class Programs:
    """What may be called over one site; as with /v1, nothing of it is stored."""

    def __init__(self, site: Site):
        self.site = site

    async def ask(
        self, message: str, contender: str = "", request: gr.Request | None = None
    ) -> dict[str, object]:
        """The reply of a blend of small models, or of a single one, to one message: its text, the
        member that wrote it, and how likely that member was to be drawn.

        Args:
            message: what is said to it.
            contender: who answers, by name; by default the blend that this site is about.
        """
        if not self.site.ready:
            raise gr.Error(self.site.notice, print_exception=False)
        try:
            conversation = Conversation().ask(message, self.site.settings.longest_message)
            origin = guest.address(self.site, request)
            await self.site.guard.admit(None, origin, message)
            return await self._answered(contender or self.site.roster.focus, conversation, origin)
        except (MessageError, Full, Refused) as refusal:
            raise gr.Error(str(refusal), print_exception=False) from None

    async def _answered(
        self, name: object, conversation: Conversation, address: str | None
    ) -> dict[str, object]:
        names = [spec.name for spec in self.site.roster.contenders]
        if name not in names:
            said = f"There is no contender {brief(name)} here; there are {', '.join(names)}."
            raise gr.Error(said, print_exception=False)
        await asyncio.to_thread(self.site.check_length, conversation, name)
        async with aclosing(self.site.answer(name, conversation, address)) as growing:
            turn = [turn async for turn in growing][-1]
        if turn.error:
            raise gr.Error(turn.error, print_exception=False)
        draw = turn.draw
        return {"reply": turn.reply, "member": draw.member, "chance": round(draw.chance, 6)}


def build(site: Site) -> None:
    """Offer /ask where programs may use the site without a key: an endpoint of a page asks none."""
    if site.settings.api == "open":
        gr.api(Programs(site).ask, api_name="ask", concurrency_id="replies")
