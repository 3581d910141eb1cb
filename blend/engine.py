"""A blend: draw one member, stream its reply to the whole conversation, draw the next ahead."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from blend.conversation import Conversation, Draw, Turn
from blend.members import (
    DeviceUnavailable,
    Member,
    MemberDown,
    MemberError,
    NoContinuation,
    Sampling,
)
from blend.members.growth import failure_sentence, grow, with_draw, without_last_draw, write
from blend.policies.per_sentence import PerSentence
from blend.policies.policy import Policy
from blend.prompt import length

log = logging.getLogger(__name__)


class Blend:
    """Members that share one conversation, and the policy that draws one of them for each reply.

    Blending Is All You Need (arXiv 2401.02994), Algorithm 1: the drawn member sees the whole shared
    history, whichever members wrote it. A single model is a blend of one.

    patience: seconds that a member may be silent before its reply is given up.
    """

    def __init__(
        self,
        name: str,
        members: Sequence[Member],
        policy: Policy,
        rng: random.Random | None = None,
        patience: float = 60.0,
    ):
        self.name = name
        self.members = {member.name: member for member in members}
        self.policy = policy
        self._rng = rng or random.Random()
        self._patience = patience
        self._warming: set[asyncio.Task[None]] = set()

    @property
    def writers(self) -> tuple[Member, ...]:
        """Who may write a reply that a visitor reads."""
        return tuple(self.members.values())

    @property
    def by_sentence(self) -> bool:
        """Whether every sentence of a reply is drawn anew."""
        return isinstance(self.policy, PerSentence)

    @property
    def draws_ahead(self) -> bool:
        """Whether the next draw can be made before the visitor's next message is known."""
        return not self.policy.reads_message

    def draw(
        self, conversation: Conversation, *, ahead: bool = False, without: Collection[str] = ()
    ) -> Draw:
        """One member by the policy's chances, among those that are up and not in `without`.

        Raises MemberDown where none is left.
        """
        up = [n for n, member in self.members.items() if member.down is None and n not in without]
        if not up:
            raise MemberDown(self.name, "none of its members can answer just now")
        chances = self.policy.chances(up, conversation)
        name = self._rng.choices(list(chances), weights=list(chances.values()))[0]
        return Draw(name, chances[name], chances, ahead)

    def check(self, sampling: Mapping[str, object]) -> None:
        """Raise SamplingError for a setting that one of the writers could not honour.

        Any of them may be drawn, so it is refused before anything is drawn.
        """
        for member in self.writers:
            engine = type(member).__name__.lower()
            mend = f"leave it out to ask {self.name}"
            replace(Sampling(), **sampling).refuse_unless(member.honours, engine, mend)

    async def reply(
        self,
        conversation: Conversation,
        scope: str = "",
        may_be_empty: bool = False,
        **sampling: object,
    ) -> AsyncGenerator[Turn, None]:
        """The conversation's last turn, growing: first with its draw, then with every piece.

        `sampling` replaces settings of the drawn member's own sampling. Where the policy draws anew
        for every sentence, `max_tokens` are those of them all. A reply that fails before its first
        piece is drawn anew once among the others, and so is such a sentence; one that fails later
        ends with what was said. Either way the last Turn then holds an `error` for the visitor,
        which names no member.
        scope: see Member. may_be_empty: a reply that says nothing is then no failure.
        """
        turn, began, failed = conversation.turns[-1], time.monotonic(), set[str]()
        begun = conversation.beginning
        while not turn.finished:  # once for each draw
            try:
                draw = self._valid_draw(conversation, failed)
                turn = with_draw(turn, draw, self.by_sentence)
                if not turn.reply:  # later draws are made in silence: nothing tells where
                    yield turn
                member = self.members[draw.member]
                settings = replace(member.sampling, **sampling)
                pieces = write(turn, member, conversation.messages(), settings, scope)
                growing = grow(turn, pieces, began, self._patience, may_be_empty)
                async with aclosing(pieces), aclosing(growing):
                    async for turn in growing:
                        yield turn
                conversation = replace(conversation, beginning=begun + turn.reply, drawn=None)
            except MemberError as failure:
                log.warning("%s: %s", self.name, failure)
                if not self._may_draw_anew(turn, failure, failed):
                    error, refused = failure_sentence(turn, failure)
                    seconds = time.monotonic() - began
                    yield replace(turn, error=error, refused=refused, seconds=seconds)
                    return
                failed.add(failure.member)
                turn = without_last_draw(turn)

    def _may_draw_anew(self, turn: Turn, failure: MemberError, failed: Collection[str]) -> bool:
        """Whether another member may write what this one failed to say: once a reply, and only
        where it has said nothing of it."""
        alone = failure.member == self.name or len(self.members) == 1
        said = bool(turn.parts) and bool(turn.parts[-1][1].strip())
        refused = isinstance(failure, NoContinuation) and len(turn.sentences) > 1
        if refused:
            log.warning(
                "%s: policy = %r needs members that can go on with a reply: take %s out of it",
                *(self.name, self.policy.name, failure.member),
            )
        return not (said or failed or alone or refused or isinstance(failure, DeviceUnavailable))

    def _valid_draw(self, conversation: Conversation, failed: set[str]) -> Draw:
        """The draw made ahead, unless its member failed or went down in between; else a new one."""
        drawn = conversation.drawn
        member = self.members.get(drawn.member) if drawn else None
        if member is not None and member.down is None and member.name not in failed:
            return drawn
        return self.draw(conversation, without=failed)

    def ahead(self, conversation: Conversation) -> Conversation:
        """The conversation with the next reply's draw already made, its member reading meanwhile.

        Only where the policy does not read the visitor's next message: the distribution of the
        conversation is then exactly the same, and the first token comes as soon as with one model.
        Must be called from a running event loop.
        """
        if not (self.draws_ahead and conversation.turns):
            return conversation
        try:
            draw = self.draw(conversation, ahead=True)
        except MemberDown:
            return conversation
        task = asyncio.create_task(self._warm(self.members[draw.member], conversation))
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)
        return replace(conversation, drawn=draw)

    async def wait_until_warm(self) -> None:
        """Wait until every member has read what it was drawn ahead for."""
        while self._warming:
            await asyncio.wait(self._warming)

    async def _warm(self, member: Member, conversation: Conversation) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await member.warm(conversation.messages())
        except Exception as failure:  # whatever it was, the reply itself will tell
            log.info("%s was not warmed: %r", member.name, failure)


def check_length(
    members: Iterable[Member], conversation: Conversation, max_tokens: int | None = None
) -> None:
    """Raise MessageTooLong for a last message that one of the members could not read.

    max_tokens: of the reply; by default, what each member writes at most. Blocks for as long as
    tokenizers take.
    """
    messages = conversation.messages()
    text = next((m.text for m in reversed(messages) if m.role != "assistant"), "")
    length.check_lengths(
        text, [m.measure(messages, max_tokens or m.sampling.max_tokens) for m in members]
    )
