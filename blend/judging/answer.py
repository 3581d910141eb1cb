"""A judge's answer in words: how a member is asked for its letter, and how much of it is read."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.members import Member, NoContinuation, Piece, Sampling
from blend.members.reply import stream_reply
from blend.message import Message

BEGINNING = "The better one is Reply"
"""What a member that can go on with a reply goes on with: asked for the bare letter, models of half
a billion parameters write A whatever they read."""

LONGEST = 40
"""Characters of an answer that are read, thoughts apart: a small model often writes a few words
around its letter, and any model may go on to explain it."""

GREEDY = {"temperature": 0.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0}


def greedy(member: Member) -> Sampling:
    """The member's sampling for its likeliest answer, as far as it honours that."""
    honoured = {key: value for key, value in GREEDY.items() if key in member.honours}
    return replace(member.sampling, **honoured, stop=())


async def stream_answer(
    member: Member, question: Sequence[Message], scope: str = ""
) -> AsyncGenerator[Piece, None]:
    """The member's answer, greedily, and begun for it where it can go on with one; the rest of a
    long one is not waited for. Raises MemberError."""
    for messages in ((*question, Message("assistant", BEGINNING)), question):
        length = 0
        try:
            async with aclosing(stream_reply(member, messages, greedy(member), scope)) as pieces:
                async for piece in pieces:
                    yield piece
                    length += len(piece)
                    if length > LONGEST:
                        return
            return
        except NoContinuation:
            if messages is question:
                raise


def readable_part(answer: str) -> str:
    """What is read of an answer; without half a word at its end, which may look like a letter."""
    return answer if len(answer) <= LONGEST else answer[:LONGEST].rpartition(" ")[0]
