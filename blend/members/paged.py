"""A transformers model under its continuous-batching manager: many conversations, one batch.

One background thread and one paged cache per member; a history that was read before is found again
by whole pages of tokens. It does not honour min_p, repetition_penalty or a seed per request, and a
model that a manager serves must not be called from elsewhere.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from blend.conversation import Message, Usage
from blend.length import Length
from blend.members import MemberError, Piece, Sampling, weights
from blend.members.keeper import Keeper
from blend.members.service import GREEDY, EngineError, Service, batching, refuse_unless_paged
from blend.text import Text

if TYPE_CHECKING:
    from transformers import PreTrainedModel

COLDEST = 0.01
"""Temperatures below this are greedy: dividing by them overflows and ends the manager's thread."""
MEND = 'remove it, or give the member engine = "generate"'


class Paged:
    """One model that answers many conversations at once.

    A manager has one cache, where all find what others have read. So programs, whose scope is not
    the page's, have a manager of their own over the same weights, in which nothing is shared; it is
    started by the first of them. How much was found in the cache nobody tells: `cached_tokens` is
    0.

    digest identifies what its replies come from: weights, tokenizer and chat template. device says
    in a word where it runs. ends are the ids that end a reply. model is what answers, for its
    services alone.
    """

    honours = frozenset({"temperature", "top_p", "top_k"})

    def __init__(
        self,
        name: str,
        loaded: weights.Loaded,
        sampling: Sampling,
        start: Callable[[bool], Service],
    ):
        """Use `load` or `over`. start: makes a running service, for programs if true."""
        self.name = name
        self.sampling = sampling
        self.template = loaded.template
        self.model: PreTrainedModel | None = loaded.model
        self.digest = loaded.digest
        self.device = loaded.device
        self.ends = loaded.ends
        self._vocabulary = loaded.model.get_output_embeddings().weight.shape[0]
        self._start = start
        self._page = Keeper(name, lambda closed: start(False))
        self._programs: Keeper[Service] | None = None
        self._starting = threading.Lock()

    @classmethod
    def load(
        cls, name: str, source: str, sampling: Sampling, *, memory: float | None = None, **how: Any
    ) -> "Paged":
        """The member, ready to answer. Blocks for the time it takes to read the weights.

        memory: gigabytes for the cache. how: see `weights.load`. Raises SamplingError and
        MemberError.
        """
        sampling.refuse_unless(cls.honours, "paged", MEND)
        return cls.over(name, weights.load(name, source, sampling, **how), sampling, memory)

    @classmethod
    def over(
        cls, name: str, loaded: weights.Loaded, sampling: Sampling, memory: float | None = None
    ) -> "Paged":
        """The member over a model that is there already and is its own from now on; see `load`."""
        model = loaded.model
        refuse_unless_paged(name, model)

        def start(programs: bool) -> Service:
            return Service(model, batching(name, model, loaded.template.window, memory, programs))

        try:
            return cls(name, loaded, sampling, start)
        except MemberError:
            raise
        except (OSError, RuntimeError, MemoryError, ValueError, ImportError) as error:
            mend = 'give it engine = "generate"'
            raise MemberError(name, f"its engine does not start: {error}: {mend}") from error

    @property
    def down(self) -> str | None:
        return self._page.down

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        sampling.refuse_unless(self.honours, "paged", MEND)
        prompt, most = self.template.bounded(
            messages, sampling.max_tokens, self.sampling.max_tokens
        )
        sampling, stop = replace(sampling, max_tokens=most), (*sampling.stop, *self.template.stop)
        opening = self.template.opening
        text, count = Text(self.template.decode, stop, prompt.beginning, opening), 0
        keeper = await asyncio.to_thread(self._apart) if scope else self._page
        async with aclosing(self._tokens(keeper, prompt.ids, sampling, self.ends)) as steps:
            async for ids, over in steps:
                said = [i for i in ids if i not in self.ends]
                piece = text.add(said)
                if over and not text.stopped:
                    piece += text.end()
                count += len(ids)
                ended = text.stopped or len(said) < len(ids)
                finish = "stop" if ended else "length" if over else ""
                usage = Usage(len(prompt.ids), 0, count, prompt.cut_turns, finish)
                if piece or finish:
                    yield Piece(piece, usage)
                if finish:
                    break
        keeper.well()

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length:
        return self.template.measure(messages, max_tokens, self.sampling.max_tokens)

    async def warm(self, messages: Sequence[Message]) -> None:
        usual = self.sampling.max_tokens
        prefix = self.template.prefix(messages, self.template.reserve(usual, usual))
        if prefix.ids:
            # Two tokens: a request for one ends before its last pages are entered in the cache.
            short = Sampling(temperature=0.0, max_tokens=2)
            steps = self._tokens(self._page, prefix.ids, short, frozenset())
            async with aclosing(steps):
                async for _ in steps:
                    pass

    async def aclose(self) -> None:
        self.model = None
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._page.close()
        with self._starting:
            if self._programs is not None:
                self._programs.close()

    def _apart(self) -> Keeper[Service]:
        """The keeper of the programs' service; the first call starts it, and blocks for that."""
        with self._starting:
            self._page.service()  # raises MemberDown where the page has none
            if self._programs is None:
                try:
                    self._programs = Keeper(self.name, lambda closed: self._start(True))
                except (RuntimeError, MemoryError) as error:
                    reason = f"its engine for programs does not start: {error}"
                    raise MemberError(self.name, reason) from error
            return self._programs

    async def _tokens(
        self, keeper: Keeper[Service], ids: Sequence[int], sampling: Sampling, ends: frozenset[int]
    ) -> AsyncGenerator[tuple[list[int], bool], None]:
        """The new ids as they come, and whether the request is over. Raises MemberError."""
        service, settings = keeper.service(), self._settings(sampling)
        steps = service.tokens(ids, sampling.max_tokens, ends, settings)
        try:
            async with aclosing(steps):
                async for step in steps:
                    yield step
        except EngineError as error:
            if reason := service.ailing():
                raise keeper.fallen(service, reason) from None
            raise MemberError(self.name, str(error)) from None

    def _settings(self, sampling: Sampling) -> dict[str, float | int]:
        """The manager's words for a request's sampling, within what its thread survives."""
        if sampling.temperature < COLDEST:
            return GREEDY
        return {
            "temperature": float(sampling.temperature),
            "top_k": min(sampling.top_k or self._vocabulary, self._vocabulary),
            "top_p": float(sampling.top_p),
        }
