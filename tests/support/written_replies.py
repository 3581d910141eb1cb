"""A conversation of which only the writers matter."""

from blend.conversation import Conversation, Draw, Turn


def written_by(*writers: str) -> Conversation:
    """A conversation in which these members wrote the replies."""
    turns = [Turn("Hi", "Hello", Draw(w, 1.0, {w: 1.0}), finished=True) for w in writers]
    return Conversation(turns=tuple(turns))
