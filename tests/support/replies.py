"""What a member replies, to the end."""

from contextlib import aclosing

from blend.members import Member, Piece, Sampling
from blend.message import Message

ASKED = [Message("user", "Hi")]


async def reply(
    member: Member,
    messages: list[Message] | str = ASKED,
    sampling: Sampling | None = None,
    scope: str = "",
) -> list[Piece]:
    """The pieces of its reply. messages: or the text of one. sampling: else the member's own."""
    messages = [Message("user", messages)] if isinstance(messages, str) else messages
    stream = member.stream(messages, sampling or member.sampling, scope)
    async with aclosing(stream) as pieces:
        return [piece async for piece in pieces]


async def said(*asked, **how) -> str:
    """The text of its reply; see `reply`."""
    return "".join(await reply(*asked, **how))
