"""A member's reply as everybody takes it: apart from its thoughts, storable, of limited length.

A remote server, a scripted function and a model alike may send anything, and fail in any way.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.conversation import LONGEST_REPLY, Message, Usage, beginning
from blend.members import Member, MemberError, Piece, Sampling, SamplingError
from blend.members.reasoning import Part, Reasoning


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
    written, aside = Written(bool(beginning(messages))), Characters()
    usage, room = Usage(), longest
    try:
        async with aclosing(member.stream(messages, sampling, scope)) as pieces:
            async for piece in pieces:
                usage = piece.usage if isinstance(piece, Piece) else usage
                apart = aside.add(piece.thought) if isinstance(piece, Piece) else ""
                thought, text = written.add(piece)
                thought = apart + thought
                if len(thought) + len(text) > room:
                    text = text[: max(0, room - len(thought))]
                    yield Piece(text, replace(usage, finish="length"), thought[:room])
                    return
                room -= len(thought) + len(text)
                yield Piece(text, usage, thought)
            thought, text = written.end()
            if room and (thought or text):
                yield Piece(text[:room], usage, thought[:room])
    except (MemberError, SamplingError):
        raise
    except Exception as error:  # whatever a member raises, it ends this one reply
        reason = f"it failed in a way that is not foreseen: {type(error).__name__}: {error}"
        raise MemberError(member.name, reason[:300]) from error


class Written:
    """What a member writes, parted into thoughts and reply, as whole characters."""

    def __init__(self, begun: bool):
        """begun: what is written goes on with a reply."""
        self._characters = Characters()
        self._reasoning = Reasoning(begun)

    def add(self, text: str) -> tuple[str, str]:
        """The thought, and the text of the reply, that this piece makes certain."""
        return _parted(self._reasoning.add(self._characters.add(text)))

    def end(self) -> tuple[str, str]:
        """What was held back, once no more will come."""
        rest = self._reasoning.add(self._characters.end())
        return _parted(rest + self._reasoning.end())


def _parted(parts: Sequence[Part]) -> tuple[str, str]:
    thought, reply = "", ""
    for kind, text in parts:
        if kind == "thought":
            thought += text
        elif kind == "reply":
            reply += text
    return thought, reply


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
