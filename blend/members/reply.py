"""A member's reply as everybody takes it: text that can be stored, of a length that has an end.

A remote server, a scripted function and a model alike may send anything, and fail in any way.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.conversation import LONGEST_REPLY, Message, Usage
from blend.members import Member, MemberError, Piece, Sampling, SamplingError


async def stream_reply(
    member: Member,
    messages: Sequence[Message],
    sampling: Sampling,
    scope: str = "",
    longest: int = LONGEST_REPLY,
) -> AsyncGenerator[str, None]:
    """The pieces of the member's reply, which ends with "length" after `longest` characters.

    scope: see Member. Raises MemberError whatever the member raises, but for a SamplingError.
    """
    characters, usage, room = Characters(), Usage(), longest
    try:
        async with aclosing(member.stream(messages, sampling, scope)) as pieces:
            async for piece in pieces:
                usage = piece.usage if isinstance(piece, Piece) else usage
                text = characters.add(piece)
                if len(text) > room:
                    yield Piece(text[:room], replace(usage, finish="length"))
                    return
                room -= len(text)
                yield Piece(text, usage) if isinstance(piece, Piece) else text
            if room and (rest := characters.end()):
                yield Piece(rest, usage)
    except (MemberError, SamplingError):
        raise
    except Exception as error:  # whatever a member raises, it ends this one reply
        reason = f"it failed in a way that is not foreseen: {type(error).__name__}: {error}"
        raise MemberError(member.name, reason[:300]) from error


class Characters:
    """Text in pieces with its surrogates put together; one that stays alone becomes U+FFFD.

    A server may cut an emoji that it escapes as two surrogates between two pieces. Alone they are
    no text: nothing can store or send them.
    """

    def __init__(self) -> None:
        self._held = ""

    def add(self, text: str) -> str:
        """The text that this piece makes certain."""
        text, self._held = self._held + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return whole(text)

    def end(self) -> str:
        """What was held back, once no more will come."""
        held, self._held = self._held, ""
        return whole(held)


def whole(text: str) -> str:
    """The text with every pair of surrogates as the character that it stands for."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
