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
    MemberTimeout,
    Piece,
    Sampling,
    Unanswerable,
)
from blend.members.reply import stream_reply
from blend.policies.policy import Policy
from blend.prompt import length

log = logging.getLogger(__name__)

BROKE_OFF = "The reply broke off here. What was said is kept: go on, or try again."
NO_REPLY = "No reply could be given just now. Your message is kept; try again in a moment."
USED_UP = "The model thought until its length was used up. Your message is kept; try again."


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

        `sampling` replaces settings of the drawn member's own sampling. A reply that fails before
        its first piece is drawn anew once among the others; one that fails later ends with what was
        said. Either way the last Turn then holds an `error` for the visitor, which names no member.
        scope: see Member. may_be_empty: a reply that says nothing is then no failure.
        """
        turn, began, failed = conversation.turns[-1], time.monotonic(), set[str]()
        while True:
            try:
                draw = self._valid_draw(conversation, failed)
                turn = replace(turn, draw=draw, reply="", thought="")
                yield turn
                member = self.members[draw.member]
                settings = replace(member.sampling, **sampling)
                pieces = stream_reply(member, conversation.messages(), settings, scope)
                growing = self._grow(turn, pieces, began, may_be_empty)
                async with aclosing(pieces), aclosing(growing):
                    async for turn in growing:
                        yield turn
                return
            except MemberError as failure:
                log.warning("%s: %s", self.name, failure)
                alone = failure.member == self.name or len(self.members) == 1
                if turn.has_reply or failed or alone or isinstance(failure, DeviceUnavailable):
                    error, refused = failure_sentence(turn, failure)
                    seconds = time.monotonic() - began
                    yield replace(turn, error=error, refused=refused, seconds=seconds)
                    return
                failed.add(failure.member)

    def _valid_draw(self, conversation: Conversation, failed: set[str]) -> Draw:
        """The draw made ahead, unless its member failed or went down in between; else a new one."""
        drawn = conversation.drawn
        member = self.members.get(drawn.member) if drawn else None
        if member is not None and member.down is None and member.name not in failed:
            return drawn
        return self.draw(conversation, without=failed)

    async def _grow(
        self, turn: Turn, pieces: AsyncGenerator[Piece, None], began: float, may_be_empty: bool
    ) -> AsyncGenerator[Turn, None]:
        """The turn after every piece of its reply, and finished. Raises MemberError."""
        name = turn.draw.member
        while True:
            try:
                async with asyncio.timeout(self._patience):
                    piece = await anext(pieces, None)
            except TimeoutError:
                raise MemberTimeout(name, f"silent for {self._patience:g} s") from None
            now = time.monotonic() - began
            if piece is None:
                break
            turn = replace(
                turn,
                reply=turn.reply + piece,
                thought=turn.thought + piece.thought,
                ttft_s=now if turn.ttft_s is None and piece else turn.ttft_s,
                seconds=now,
                usage=piece.usage,
            )
            yield turn
        if not turn.reply.strip() and not may_be_empty:
            mend = "; give it more max_tokens, or thinking = false" if turn.thought else ""
            raise MemberError(name, f"it ended without saying anything{mend}")
        yield replace(turn, finished=True, seconds=now)

    def ahead(self, conversation: Conversation) -> Conversation:
        """The conversation with the next reply's draw already made, its member reading meanwhile.

        Only where the policy does not read the visitor's next message: the distribution of the
        conversation is then exactly the same, and the first token comes as soon as with one model.
        Must be called from a running event loop.
        """
        if self.policy.reads_message or not conversation.turns:
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


def failure_sentence(turn: Turn, failure: MemberError) -> tuple[str, bool]:
    """What a visitor reads of a failure, and whether what was asked is the reason."""
    if turn.has_reply:
        return BROKE_OFF, False
    if isinstance(failure, Unanswerable):
        return failure.sentence, True
    if isinstance(failure, DeviceUnavailable):
        return failure.reason, False
    return USED_UP if turn.thought and turn.usage.finish else NO_REPLY, False


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
