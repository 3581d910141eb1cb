"""How much a member can read, and the sentence for a message that is longer than that."""

from collections.abc import Iterable
from dataclasses import dataclass

from blend.message import MessageTooLong


@dataclass(frozen=True, slots=True)
class Length:
    """A message, in one member's tokens. Older turns can be cut, the system message cannot.

    tokens: of the message itself. room: how many it may have, so that a reply fits as well. system:
    whether a system message takes some of the room.
    """

    tokens: int
    room: int
    system: bool = False

    def characters(self, text: str) -> int:
        """How long the message may be, by the tokens that it takes now."""
        return int(len(text) * max(0, self.room) / max(1, self.tokens))


def check_lengths(text: str, lengths: Iterable[Length | None]) -> None:
    """Raise MessageTooLong where one of the members cannot read the message.

    lengths: None for a member that cannot tell. The sentence is about the member with the least
    room of those that cannot, and names none.
    """
    over = [length for length in lengths if length is not None and length.tokens > length.room]
    if not over:
        return
    length = min(over, key=lambda one: one.characters(text))
    if length.room <= 0:
        raise MessageTooLong("long_system")
    fits = length.characters(text) * 95 // 100  # letters differ in how many tokens they take
    name = "long_beside_system" if length.system else "long"
    raise MessageTooLong(name, tokens=length.tokens, room=length.room, fits=fits)
