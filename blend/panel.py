"""A panel: every member writes a draft; a judge picks one, or writes the reply from all of them.

One layer of a mixture of agents (arXiv 2406.04692), with one model at the end. A reply costs the
work of every member and of the judge. Self-MoA (arXiv 2502.00674) found that several drafts of the
best single model did better than one of each: best_of of a member is the control.
"""

import logging
import random
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from blend.conversation import Conversation, Draft, Draw, Selection, Turn, Usage
from blend.engine import Blend
from blend.judging.answer import stream_answer
from blend.judging.question import pick_question, read_pick, write_question
from blend.members import Member, MemberDown, MemberError, NoContinuation, Piece
from blend.members.candidates import Candidate, total_usage, usable, write_candidates
from blend.members.growth import failure_sentence, grow
from blend.members.reply import stream_reply
from blend.message import Message, beginning
from blend.policies.policy import Uniform

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PanelRequest:
    """What is asked of a panel: the turn to be answered, the history that ends with it, and how.

    began: of the monotonic clock, in seconds.
    """

    turn: Turn
    messages: tuple[Message, ...]
    scope: str
    sampling: Mapping[str, object]
    may_be_empty: bool
    began: float

    def seconds(self) -> float:
        """Since it was asked."""
        return time.monotonic() - self.began


class Panel(Blend):
    """A blend in which nobody is drawn: all members answer at once, and a judge has the last word.

    The judge reads the conversation and the drafts without names, in an order that is drawn anew
    each time, since a judge may prefer a place. A member that fails or says nothing is left out.
    Where the judge fails, or its answer cannot be read, one of the drafts is drawn, all alike.

    judge: a member of the panel or another one. writes: it writes the reply, in place of picking.
    The counts of a turn are those of all drafts and of the judge. patience: seconds that each of
    them may be silent.
    """

    def __init__(
        self,
        name: str,
        members: Sequence[Member],
        judge: Member,
        writes: bool = False,
        rng: random.Random | None = None,
        patience: float = 60.0,
    ):
        super().__init__(name, members, Uniform(), rng, patience)
        self.judge = judge
        self._writes = writes

    @property
    def writers(self) -> tuple[Member, ...]:
        others = [self.judge] if self._writes and self.judge.name not in self.members else []
        return (*self.members.values(), *others)

    @property
    def draws_ahead(self) -> bool:
        return False

    async def reply(
        self,
        conversation: Conversation,
        scope: str = "",
        may_be_empty: bool = False,
        **sampling: object,
    ) -> AsyncGenerator[Turn, None]:
        """As `Blend.reply`. Nothing of it can be shown before the judge has spoken."""
        turn, began = conversation.turns[-1], time.monotonic()
        turn = replace(turn, draw=None, reply="", thought="")
        messages = conversation.messages()
        asked = PanelRequest(turn, messages, scope, sampling, may_be_empty, began)
        yield turn
        try:
            async with aclosing(self._answer(asked)) as growing:
                async for turn in growing:
                    yield turn
        except MemberError as failure:
            log.warning("%s: %s", self.name, failure)
            error, refused = failure_sentence(turn, failure)
            yield replace(turn, error=error, refused=refused, seconds=asked.seconds())

    async def _answer(self, asked: PanelRequest) -> AsyncGenerator[Turn, None]:
        """The growing turn, until it is finished. Raises MemberError."""
        if self._writes and beginning(asked.messages):
            raise NoContinuation(self.judge.name, "it writes a panel's reply from its beginning")
        up = [member for member in self.members.values() if member.down is None]
        if not up:
            raise MemberDown(self.name, "none of its members can answer just now")
        drafts = [Candidate(member.name) for member in up]
        replies = [
            stream_reply(m, asked.messages, replace(m.sampling, **asked.sampling), asked.scope)
            for m in up
        ]
        async with aclosing(write_candidates(drafts, replies, self._patience)) as growing:
            async for usage in growing:
                yield replace(asked.turn, usage=usage, seconds=asked.seconds())
        spent = [each.usage for each in drafts]
        drafts = usable(drafts, self.name, asked.may_be_empty)
        self._rng.shuffle(drafts)
        if len({each.text.strip() for each in drafts}) == 1:
            yield self._picked(asked, drafts, 0, "only", spent)
        elif self._writes:
            async with aclosing(self._write(asked, drafts, spent)) as growing:
                async for turn in growing:
                    yield turn
        else:
            verdict = Candidate(self.judge.name)
            answer = self._ask_judge(asked, drafts)
            async with aclosing(write_candidates([verdict], [answer], self._patience)) as growing:
                async for usage in growing:
                    now = total_usage([*spent, usage])
                    yield replace(asked.turn, usage=now, seconds=asked.seconds())
            place, spent = read_pick(verdict.text, len(drafts)), [*spent, verdict.usage]
            if place is None or verdict.failure:
                why = verdict.failure or f"{self.judge.name}: its answer names no draft"
                yield self._drawn(asked, drafts, spent, why)
            else:
                yield self._picked(asked, drafts, place, "judged", spent)

    def _ask_judge(
        self, asked: PanelRequest, drafts: Sequence[Candidate]
    ) -> AsyncGenerator[Piece, None]:
        """The judge's word on which draft is best, as steady as it can be."""
        begun = beginning(asked.messages)
        read = pick_question(asked.messages, [begun + each.text for each in drafts])
        return stream_answer(self.judge, read, asked.scope)

    async def _write(
        self, asked: PanelRequest, drafts: Sequence[Candidate], spent: Sequence[Usage]
    ) -> AsyncGenerator[Turn, None]:
        """The judge's own reply as it grows. Raises MemberError where it breaks off."""
        read = write_question(asked.messages, [each.text for each in drafts])
        sampling = replace(self.judge.sampling, **asked.sampling)
        pieces = stream_reply(self.judge, read, sampling, asked.scope)
        turn = replace(
            asked.turn,
            draw=Draw(self.judge.name, None, {}),
            usage=total_usage(spent),
            selection=_selection(self.judge.name, drafts, None, "written"),
        )
        growing = grow(turn, pieces, asked.began, self._patience, asked.may_be_empty)
        try:
            async with aclosing(pieces), aclosing(growing):
                async for turn in growing:
                    yield turn
        except MemberError as failure:
            if turn.has_reply:
                raise
            yield self._drawn(asked, drafts, [turn.usage], failure)

    def _drawn(
        self,
        asked: PanelRequest,
        drafts: Sequence[Candidate],
        spent: Sequence[Usage],
        why: MemberError | str,
    ) -> Turn:
        """The turn with one of the drafts, all alike: the judge was of no use."""
        log.warning("%s: %s; one of %d drafts is drawn", self.name, why, len(drafts))
        place = self._rng.randrange(len(drafts))
        return self._picked(asked, drafts, place, "random", spent)

    def _picked(
        self,
        asked: PanelRequest,
        drafts: Sequence[Candidate],
        place: int,
        how: str,
        spent: Sequence[Usage],
    ) -> Turn:
        """The finished turn, with the draft at that place as its reply."""
        best, now = drafts[place], asked.seconds()
        return replace(
            asked.turn,
            reply=best.text,
            thought=best.thought,
            draw=Draw(best.member, None, {}),
            finished=True,
            ttft_s=now if best.text else None,
            seconds=now,
            usage=total_usage(spent, best.usage.cut_turns, best.usage.finish),
            selection=_selection(self.judge.name, drafts, place, how),
        )


def _selection(judge: str, drafts: Sequence[Candidate], place: int | None, how: str) -> Selection:
    each = (Draft(d.member, d.text, d.usage, n == place) for n, d in enumerate(drafts))
    return Selection(judge, tuple(each), how)
