"""Several replies to one message, written at once, of which one may become the reply."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from blend.conversation import Usage
from blend.members import MemberError, Piece
from blend.members.reply import next_piece

log = logging.getLogger(__name__)

HEARTBEAT = 1.0
"""Seconds between two signs of life while candidates grow: silence counts as a stuck member."""


@dataclass(slots=True)
class Candidate:
    """One reply as far as it came, and why it failed, if it did. member: who writes it."""

    member: str
    text: str = ""
    thought: str = ""
    usage: Usage = field(default_factory=Usage)
    failure: MemberError | None = None


async def write_candidates(
    candidates: Sequence[Candidate],
    replies: Sequence[AsyncGenerator[Piece, None]],
    patience: float | None = None,
) -> AsyncGenerator[Usage, None]:
    """Let each candidate grow by its reply, all at once; what they cost so far, once a HEARTBEAT as
    long as one of them grows.

    patience: seconds that one may be silent before it has failed; None for ever. What is no
    MemberError is raised. Closing the generator ends the replies.
    """
    pairs = zip(candidates, replies, strict=True)
    tasks = [asyncio.create_task(_write(*pair, patience)) for pair in pairs]
    waiting, seen = set(tasks), 0
    try:
        while waiting:
            _, waiting = await asyncio.wait(waiting, timeout=HEARTBEAT)
            grown = sum(len(each.text + each.thought) for each in candidates)
            if waiting and grown > seen:
                yield total_usage([each.usage for each in candidates])
            seen = grown
        await asyncio.gather(*tasks)  # raises what is no failure of a candidate
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(
    candidate: Candidate, pieces: AsyncGenerator[Piece, None], patience: float | None
) -> None:
    try:
        async with aclosing(pieces):
            while (piece := await next_piece(pieces, candidate.member, patience)) is not None:
                candidate.text += piece
                candidate.thought += piece.thought
                candidate.usage = piece.usage
    except MemberError as failure:
        candidate.failure = failure


def total_usage(usages: Sequence[Usage], cut_turns: int = 0, finish: str = "") -> Usage:
    """The tokens of them all. cut_turns, finish: those of the reply that was chosen."""
    return Usage(
        sum(usage.prompt_tokens for usage in usages),
        sum(usage.cached_tokens for usage in usages),
        sum(usage.completion_tokens for usage in usages),
        cut_turns,
        finish,
    )


def usable(candidates: Sequence[Candidate], name: str, may_be_empty: bool) -> list[Candidate]:
    """The candidates that say something; all that came where none does and that is allowed.

    name: who asked for them, for the log. Raises the first failure where none came, and MemberError
    where none says anything.
    """
    failures = [each.failure for each in candidates if each.failure]
    well = [each for each in candidates if not each.failure]
    if not well:
        raise failures[0]
    for failure in failures:
        log.warning("%s: a candidate is left out: %s", name, failure)
    spoken = [each for each in well if each.text.strip()]
    if not (spoken or may_be_empty):
        raise MemberError(name, "none of its members said anything")
    return spoken or well
