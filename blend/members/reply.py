"""A member's reply as everybody takes it: apart from its thoughts, storable, of limited length.

A remote server, a scripted function and a model alike may send anything, and fail in any way.
"""

import asyncio
import codecs
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.conversation import LONGEST_REPLY, Usage
from blend.members import Member, MemberError, MemberTimeout, Piece, Sampling, SamplingError
from blend.message import Message, beginning
from blend.prompt.reasoning import Part, Reasoning


async def stream_reply(
    member: Member,
    messages: Sequence[Message],
    sampling: Sampling,
    scope: str = "",
    longest: int = LONGEST_REPLY,
) -> AsyncGenerator[Piece, None]:
    """The pieces of the member's reply, each with what was thought meanwhile.

    It ends with "length" after `longest` characters, thoughts included. scope: see Member. Raises
    MemberError whatever the member raises, but for a SamplingError.
    """
    reasoning = Reasoning(begun=bool(beginning(messages)))
    characters, aside = Characters(), Characters()
    usage, room = Usage(), longest
    try:
        async with aclosing(member.stream(messages, sampling, scope)) as pieces:
            async for piece in pieces:
                parts = reasoning.add(characters.add(piece))
                if isinstance(piece, Piece):
                    usage = piece.usage
                    parts = [("thought", aside.add(piece.thought)), *parts]
                thought, text = _joined(parts, "thought"), _joined(parts, "reply")
                if len(thought) + len(text) > room:
                    text = text[: max(0, room - len(thought))]
                    yield Piece(text, replace(usage, finish="length"), thought[:room])
                    return
                room -= len(thought) + len(text)
                yield Piece(text, usage, thought)
            parts = reasoning.add(characters.add("", last=True)) + reasoning.end()
            thought, text = _joined(parts, "thought"), _joined(parts, "reply")
            if room and (thought or text):
                yield Piece(text[:room], usage, thought[:room])
    except (MemberError, SamplingError):
        raise
    except Exception as error:  # whatever a member raises, it ends this one reply
        reason = f"it failed in a way that is not foreseen: {type(error).__name__}: {error}"
        raise MemberError(member.name, reason[:300]) from error


async def next_piece(
    pieces: AsyncGenerator[Piece, None], member: str, patience: float | None
) -> Piece | None:
    """The next piece of what a member writes; None after the last one.

    patience: seconds that the member may be silent; None for ever. Raises MemberTimeout, and what
    the pieces raise.
    """
    try:
        async with asyncio.timeout(patience):
            return await anext(pieces, None)
    except TimeoutError:
        raise MemberTimeout(member, f"silent for {patience:g} s") from None


def _joined(parts: Iterable[Part], kind: str) -> str:
    return "".join(text for each, text in parts if each == kind)


class Characters:
    """Text in pieces with its surrogates put together; one that stays alone becomes U+FFFD.

    A server may cut an emoji that it escapes as two surrogates between two pieces. Alone they are
    no text: nothing can store or send them.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-16-le")("replace")

    def add(self, text: str, last: bool = False) -> str:
        """The text that this piece makes certain; all that is left with the last one."""
        return self._decoder.decode(text.encode("utf-16-le", "surrogatepass"), last)


def replace_surrogates(text: str) -> str:
    """The text with every pair of surrogates as the character that it stands for."""
    return Characters().add(text, last=True)
