"""Best of n: a member writes several candidates, a reward model ranks them, the best is the reply.

The set-up of the Chai platform, on which Blended was measured (arXiv 2401.02994). Nothing can be
shown before the last candidate is written, so the reply comes in one piece.
"""

import asyncio
import hashlib
import math
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from blend.members import Member, MemberError, Piece, Sampling, SamplingError
from blend.members.candidates import Candidate, total_usage, usable, write_candidates
from blend.members.reply import stream_reply
from blend.members.reward_model import RewardModel, RewardModelSpec
from blend.message import Message, beginning

GREEDY_ERROR = "best of n needs candidates that differ: give it a temperature above that of greedy"


@dataclass(frozen=True, slots=True)
class BestOfSpec:
    """How many candidates, and who ranks them."""

    n: int
    reward: RewardModelSpec


class BestOf:
    """A member whose reply is the best of n of another's, by a reward model.

    The counts of a reply are those of all its candidates, chosen or not: they are what it cost. How
    it ended is the chosen one's. What the reward model reads is not counted.
    """

    def __init__(self, member: Member, reward_model: RewardModel, n: int, digest: str):
        """digest: of the member."""
        self.name = member.name
        self.sampling = member.sampling
        self.honours = member.honours
        self.device = getattr(member, "device", "scripted")
        self.parameters = getattr(member, "parameters", None)  # without those of the reward model
        self.digest = hashlib.sha256(f"{digest} {n} {reward_model.digest}".encode()).hexdigest()
        self.measure = member.measure
        self.aclose = member.aclose
        self._member = member
        self._reward_model = reward_model
        self._n = n
        self._warmed: deque[int] = deque(maxlen=256)

    @property
    def down(self) -> str | None:
        return self._member.down

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        if self._n > 1 and sampling.greedy:
            raise SamplingError(GREEDY_ERROR)
        begun = beginning(messages)
        history = messages[:-1] if begun else messages
        if not scope and hash(tuple(history[:-1])) not in self._warmed:
            # All candidates then find the history in the cache. They say it if the member cannot.
            with suppress(MemberError):
                await self.warm(history[:-1])
        candidates = [Candidate(self.name) for _ in range(self._n)]
        replies = [
            stream_reply(self._member, messages, _varied(sampling, number), scope)
            for number in range(self._n)
        ]
        async with aclosing(write_candidates(candidates, replies)) as growing:
            async for usage in growing:
                yield Piece("", usage)
        best = await self._best(history, begun, candidates)
        usages = [candidate.usage for candidate in candidates]
        usage = total_usage(usages, best.usage.cut_turns, best.usage.finish)
        yield Piece(best.text, usage, best.thought)

    async def warm(self, messages: Sequence[Message]) -> None:
        await self._member.warm(messages)
        self._warmed.append(hash(tuple(messages)))

    async def _best(
        self, history: Sequence[Message], begun: str, candidates: Sequence[Candidate]
    ) -> Candidate:
        """The candidate with the highest number, of those that came; an empty one if all are.

        Raises MemberError where none came, the first failure, and where they cannot be ranked.
        """
        came = usable(candidates, self.name, may_be_empty=True)
        distinct = {each.text: each for each in reversed(came)}
        if len(distinct) == 1 or not came[0].text.strip():
            return came[0]
        try:
            read = [begun + text for text in distinct]
            scores = await asyncio.to_thread(self._reward_model.scores, history, read)
        except Exception as error:  # whatever a model raises, it ends this one request
            reason = f"its reward model failed: {type(error).__name__}: {error}"
            raise MemberError(self.name, reason) from error
        ranks = [-math.inf if math.isnan(score) else score for score in scores]
        return list(distinct.values())[ranks.index(max(ranks))]


def _varied(sampling: Sampling, number: int) -> Sampling:
    """With a seed, each candidate has its own; without one they differ by themselves."""
    return sampling if sampling.seed is None else replace(sampling, seed=sampling.seed + number)
