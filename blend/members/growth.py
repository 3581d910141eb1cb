"""A turn that grows by what its members write: the whole reply, or one sentence after another."""

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from blend.conversation import Draw, Sentence, Turn, Usage
from blend.members import (
    DeviceUnavailable,
    Member,
    MemberError,
    Piece,
    Sampling,
    Unanswerable,
)
from blend.members.candidates import total_usage
from blend.members.reply import next_piece, stream_reply
from blend.members.sentence import CUT, stream_sentence
from blend.message import Message

BROKE_OFF = "The reply broke off here. What was said is kept: go on, or try again."
NO_REPLY = "No reply could be given just now. Your message is kept; try again in a moment."
USED_UP = "The model thought until its length was used up. Your message is kept; try again."


def with_draw(turn: Turn, draw: Draw, by_sentence: bool) -> Turn:
    """The turn before the drawn member writes: the whole reply, or its next sentence."""
    if not by_sentence:
        return replace(turn, draw=draw)
    sentences = (*turn.sentences, Sentence(draw, len(turn.reply)))
    return replace(turn, draw=sentences[0].draw, sentences=sentences)


def without_last_draw(turn: Turn) -> Turn:
    """The turn before the member of its last draw wrote anything."""
    if len(turn.sentences) < 2:
        return replace(turn, reply="", thought="", usage=Usage(), sentences=())
    *kept, last = turn.sentences
    return replace(turn, reply=turn.reply[: last.start], sentences=tuple(kept))


def write(
    turn: Turn, member: Member, messages: Sequence[Message], sampling: Sampling, scope: str
) -> AsyncGenerator[Piece, None]:
    """What the member of the last draw writes. messages: with what the reply was begun with."""
    if not turn.sentences:
        return stream_reply(member, messages, sampling, scope)
    follows, written = bool(turn.reply), turn.usage.completion_tokens
    return stream_sentence(member, messages, sampling, scope, follows, written)


async def grow(
    turn: Turn,
    pieces: AsyncGenerator[Piece, None],
    began: float,
    patience: float,
    may_be_empty: bool = False,
) -> AsyncGenerator[Turn, None]:
    """The turn after every piece, and finished, unless it was stopped at the end of a sentence.

    began: when it was asked for, by the monotonic clock. patience: seconds that its member may be
    silent. Raises MemberError.
    """
    name, before, usage = turn.draws[-1].member, turn.usage, Usage()
    while (piece := await next_piece(pieces, name, patience)) is not None:
        now, usage = time.monotonic() - began, piece.usage
        cut_turns = max(before.cut_turns, usage.cut_turns)
        finish = "" if usage.finish == CUT else usage.finish
        turn = replace(
            turn,
            reply=turn.reply + piece,
            thought=turn.thought + piece.thought,
            ttft_s=now if turn.ttft_s is None and piece else turn.ttft_s,
            seconds=now,
            usage=total_usage([before, usage], cut_turns, finish),
        )
        yield turn
    if not turn.reply.strip() and not may_be_empty:
        mend = "; give it more max_tokens, or thinking = false" if turn.thought else ""
        raise MemberError(name, f"it ended without saying anything{mend}")
    if usage.finish != CUT:
        yield replace(turn, finished=True, seconds=time.monotonic() - began)


def failure_sentence(turn: Turn, failure: MemberError) -> tuple[str, bool]:
    """What a visitor reads of a failure, and whether what was asked is the reason."""
    if turn.has_reply:
        return BROKE_OFF, False
    if isinstance(failure, Unanswerable):
        return failure.sentence, True
    if isinstance(failure, DeviceUnavailable):
        return failure.reason, False
    return USED_UP if turn.thought and turn.usage.finish else NO_REPLY, False
