"""The turns of a history: split, cut so that they fit, without a system message."""

from collections.abc import Iterable, Sequence
from itertools import accumulate

from blend.message import Message


def truncate_turns(lengths: Sequence[int], questions: Sequence[int], fixed: int, room: int) -> int:
    """How many of the oldest turns to leave out, so that the rest fits into `room` tokens.

    lengths: tokens of each turn. questions: tokens of the message that opened it. The history is
    walked from its beginning, and whenever it comes near the room it is cut down to half of it: the
    answer depends on the history alone and stays the same for several turns, which keeps a cached
    prefix valid. An eighth of the room is kept for the message, so that a cut is known before it
    comes.
    """
    start, total = 0, [0, *accumulate(lengths)]
    for now, message in enumerate(questions):
        past = fixed + total[now] - total[start]
        if past <= room - room // 8 and past + message <= room:
            continue
        while start < now and (past > room // 2 or past + message > room):
            start += 1
            past = fixed + total[now] - total[start]
    return start


def split_turns(messages: Sequence[Message]) -> tuple[list[Message], list[list[Message]]]:
    """The system messages, and the others in turns, each opened by a user's message."""
    turns: list[list[Message]] = []
    for message in messages:
        if message.role != "system":
            if message.role == "user" or not turns:
                turns.append([])
            turns[-1].append(message)
    return [message for message in messages if message.role == "system"], turns


def flatten(turns: Iterable[Sequence[Message]]) -> list[Message]:
    """The messages of turns, in their order."""
    return [message for turn in turns for message in turn]


def fold_system(messages: Sequence[Message]) -> list[Message]:
    """The same without system messages: their text opens the first user's message."""
    system = [message.text for message in messages if message.role == "system"]
    rest = [message for message in messages if message.role != "system"]
    if not system:
        return rest
    opening = [rest.pop(0).text] if rest and rest[0].role == "user" else []
    return [Message("user", "\n\n".join(system + opening)), *rest]
