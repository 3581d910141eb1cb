"""A member under another name: the same weights, loaded once, with a sampling seed of its own."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.members import Member, MemberError, Sampling
from blend.message import Message


class MemberCopy:
    """One of several copies of a member, for a blend that differs from it in nothing but that.

    Where the engine honours a seed, each copy has its own: the same history gets the same reply
    from the same copy, and another from the next. Elsewhere (paged members) copies differ by chance
    alone, and their blend is the member itself: as good a control, since whatever it gains over the
    member is an artefact of the site.
    """

    def __init__(self, member: Member, number: int):
        self.name = copy_name(member.name, number)
        self.honours = member.honours
        seeded = "seed" in member.honours
        self.sampling = replace(member.sampling, seed=number) if seeded else member.sampling
        self.measure = member.measure
        self._member = member

    @property
    def down(self) -> str | None:
        return self._member.down

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncGenerator[str, None]:
        try:
            async with aclosing(self._member.stream(messages, sampling, scope)) as pieces:
                async for piece in pieces:
                    yield piece
        except MemberError as failure:  # the engine leaves out whom it names when it draws anew
            raise type(failure)(self.name, failure.reason) from failure

    async def warm(self, messages: Sequence[Message]) -> None:
        await self._member.warm(messages)

    async def aclose(self) -> None:
        """Nothing: the member belongs to who loaded it."""


def copy_name(member: str, number: int) -> str:
    """What the copy of that number is called, from 1."""
    return f"{member} #{number}"
