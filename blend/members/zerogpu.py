"""ZeroGPU, where a GPU is lent for the length of one call: one for each turn of chat or battle.

The call runs in a forked process: what it is given and what it yields are plain values (texts and
numbers), it uses no thread, lock or database, and no cache is expected to be there the next time.
The models are loaded before the page is launched, which is when `spaces` packs them for the forks.
"""

import asyncio
import re
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from contextvars import ContextVar
from dataclasses import asdict, astuple, replace
from typing import Any

from blend.conversation import Message, Usage
from blend.members import MachineSpent, MemberError, MemberTimeout, Piece, Sampling
from blend.members.local.generate import Generate
from blend.members.round_robin import round_robin

Asked = tuple[str, list[tuple[str, str]], dict[str, Any]]
"""What crosses into the call for one reply: member, (role, text) of the history, sampling."""
Said = tuple[str, str | None, Any]
"""What crosses back: side, piece and the counts of its Usage; or side, None and why it failed."""
News = Piece | MemberError | None
"""What comes for one side; None at the end of its call."""
Lend = Callable[..., Callable[[Callable], Callable[[dict[str, Asked]], Iterator[Said]]]]
"""`spaces.GPU`, called with a `duration`: the decorator that makes a function a call."""

START = 10
"""Seconds of a call before its first token: the weights go to the GPU, the history is read."""
PACE = 20
"""Tokens a second at the least: eight billion parameters by plain decoding."""
TOGETHER = 2.0
"""Seconds for which one side of a battle waits for the other before it asks for a GPU alone."""
SIGN_OF_LIFE, LONGEST = 20.0, 300.0
"""Seconds between two empty pieces while there is no GPU yet, and until a reply is given up."""


def here(environ: Mapping[str, str]) -> bool:
    """Whether this is a Space on ZeroGPU."""
    return environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def duration(asked: Mapping[str, Asked]) -> int:
    """Seconds to ask for: what both sides may write at most, one token at a time."""
    tokens = sum(sampling["max_tokens"] for _, _, sampling in asked.values())
    return START + -(-tokens // PACE)


class Lent:
    """The GPU as it is lent: `call` writes the replies of all sides that ask, in one call.

    device: what torch calls it, where the models are put.
    """

    def __init__(self, lend: Lend, device: str = "cuda"):
        self.device = device
        self.cores: dict[str, Generate] = {}
        self.call = lend(duration=duration)(self._write)
        # Each call blocks a thread, in the queue for a GPU too: the store's are not to wait for it.
        self.threads = ThreadPoolExecutor(64, thread_name_prefix="zerogpu")

    def _write(self, asked: dict[str, Asked]) -> Iterator[Said]:
        """The replies of all sides, a piece of each in turn. Runs in the fork."""
        writing = {side: self._pieces(*one) for side, one in asked.items()}
        try:
            while writing:
                for side, pieces in list(writing.items()):
                    try:
                        piece = next(pieces)
                    except StopIteration:
                        del writing[side]
                    except MemberError as failure:
                        del writing[side]
                        yield side, None, failure.reason
                    else:
                        yield side, str(piece), astuple(piece.usage)
        finally:
            for pieces in writing.values():
                pieces.close()

    def _pieces(
        self, member: str, history: list[tuple[str, str]], sampling: dict[str, Any]
    ) -> Iterator[Piece]:
        messages = [Message(role, text) for role, text in history]
        return self.cores[member].pieces(messages, Sampling(**sampling))


class Party:
    """The sides of one turn, gathered into one call. size: how many are to come.

    One that comes when the call has begun, because its first member failed, has a call of its own.
    """

    def __init__(self, lent: Lent, size: int):
        self._lent = lent
        self._size = size
        self._asked: dict[str, Asked] = {}
        self._news: dict[str, asyncio.Queue[News]] = {}
        self._complete = asyncio.Event()
        self._call: asyncio.Task | None = None
        self._begun = False

    def leave(self) -> None:
        """One side is over: nobody need wait for it any longer."""
        self._size -= 1
        self._gathered()

    async def stream(self, side: str, asked: Asked) -> AsyncGenerator[Piece, None]:
        """The reply of one side, with an empty piece now and then while there is no GPU yet."""
        if self._begun:
            async with aclosing(Party(self._lent, 1).stream(side, asked)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        news = self._news[side] = asyncio.Queue()
        self._asked[side] = asked
        self._call = self._call or asyncio.create_task(self._run())
        self._gathered()
        try:
            async with aclosing(_pieces(asked[0], news)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            del self._news[side]
            if not self._begun:
                del self._asked[side]
            if not self._news:
                self._call.cancel()

    def _gathered(self) -> None:
        if self._asked and len(self._asked) >= self._size:
            self._complete.set()

    async def _run(self) -> None:
        """The call, as soon as all have come; what it yields goes to whom it is for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TOGETHER):
                await self._complete.wait()
        self._begun, spoken, end = True, False, None
        call = self._lent.call(dict(self._asked))
        member = next(iter(self._asked.values()))[0]
        try:
            async with aclosing(round_robin(member, call, self._lent.threads)) as coming:
                async for side, text, told in coming:
                    spoken = True
                    if side in self._news:
                        failed = text is None
                        one = self._asked[side][0]
                        piece = MemberError(one, told) if failed else Piece(text, Usage(*told))
                        self._news[side].put_nowait(piece)
        except Exception as reason:  # whatever the lender raises, it ends these replies
            end = _explained(member, reason, spoken)
        for news in self._news.values():
            news.put_nowait(end)


async def _pieces(member: str, news: "asyncio.Queue[News]") -> AsyncGenerator[Piece, None]:
    """What comes for one side, until it ends. Raises MemberError."""
    silent = 0.0
    while True:
        try:
            async with asyncio.timeout(SIGN_OF_LIFE):
                piece = await news.get()
        except TimeoutError:
            silent += SIGN_OF_LIFE
            if silent >= LONGEST:
                raise MemberTimeout(member, f"no GPU for {silent:g} s") from None
            yield Piece("", Usage())
            continue
        if isinstance(piece, MemberError):
            raise piece
        if piece is None:
            return
        silent = 0.0
        if piece or piece.usage.finish:
            yield piece
        if piece.usage.finish:
            return


def _explained(member: str, reason: Exception, spoken: bool) -> MemberError:
    """The lender's failure; its own words, where it has some for the visitor (about their quota).

    They come as the `message` of an error of Gradio's, which may hold a link.
    """
    words = re.sub(r"<[^<>]*>", "", str(getattr(reason, "message", "")))
    if words and not spoken:
        return MachineSpent(member, f"No GPU could be had. {words}")
    return MemberError(member, words or repr(reason))


Seat = tuple[Party, str]
"""Where one side of a turn asks for its reply: the turn's party, and which side it is."""
SEAT: ContextVar[Seat | None] = ContextVar("seat", default=None)
"""What a task asks of a member, it asks here."""


class ZeroGpu:
    """A member whose replies are written on the GPU that is lent. Nothing is read ahead."""

    device = "ZeroGPU"

    def __init__(self, core: Generate, lent: Lent):
        self.name = core.name
        self.sampling = core.sampling
        self.honours = core.honours
        self.digest = core.digest
        self.measure = core.measure
        self.aclose = core.aclose
        self._core = core
        self._lent = lent
        lent.cores[core.name] = core

    @property
    def down(self) -> str | None:
        return self._core.down

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        # A call is paid for by the tokens that it may write.
        most = min(sampling.max_tokens, self._core.template.window)
        told = asdict(replace(sampling, max_tokens=most))
        asked = self.name, [(m.role, m.text) for m in messages], told
        party, side = SEAT.get() or (Party(self._lent, 1), "chat")
        return party.stream(side, asked)

    async def warm(self, messages: Sequence[Message]) -> None:
        """Nothing: no cache outlives a call, and a call costs the visitor's quota."""
