"""A member under another name: the same weights, loaded once, with a sampling seed of its own."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.conversation import Message
from blend.length import Length
from blend.members import Member, MemberError, Sampling


class Twin:
    """One of several copies of a member, for a blend that differs from it in nothing but that.

    Where the engine honours a seed, each twin has its own, and so a manner of its own: the same
    history gets the same reply from the same twin, and another from the next. Elsewhere (paged
    members) twins differ by chance alone, and their blend is the member itself in another guise,
    which is as good a control: whatever it gains over the member is an artefact of the site.
    """

    def __init__(self, member: Member, number: int):
        self.name = named(member.name, number)
        self.honours = member.honours
        seeded = "seed" in member.honours
        self.sampling = replace(member.sampling, seed=number) if seeded else member.sampling
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
        except MemberError as failure:
            raise self._renamed(failure) from failure

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length | None:
        return self._member.measure(messages, max_tokens)

    async def warm(self, messages: Sequence[Message]) -> None:
        try:
            await self._member.warm(messages)
        except MemberError as failure:
            raise self._renamed(failure) from failure

    async def aclose(self) -> None:
        """Nothing: the member belongs to who loaded it."""

    def _renamed(self, failure: MemberError) -> MemberError:
        """The engine leaves out whom a failure names when it draws anew."""
        return type(failure)(self.name, failure.reason)


def named(member: str, number: int) -> str:
    """What the twin of that number is called, from 1."""
    return f"{member} #{number}"
