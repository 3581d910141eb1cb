"""A transformers model under its continuous-batching manager: many conversations, one batch.

One background thread and one paged cache per member; a history that was read before is found again
by whole pages of tokens. It does not honour min_p, repetition_penalty or a seed per request, and a
model that a manager serves must not be called from elsewhere.
"""

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from blend.members import MemberError, Sampling
from blend.members.local import weights
from blend.members.local.batching_config import batching_config, refuse_unless_paged
from blend.members.local.continuous_batching import GREEDY, ContinuousBatcher, EngineError
from blend.members.local.model_member import ModelMember
from blend.members.supervisor import Supervisor
from blend.message import Message

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MEND = 'remove it, or give the member engine = "generate"'


class Paged(ModelMember):
    """One model that answers many conversations at once.

    Requests to one manager find what others have read. So programs, whose scope is not the page's,
    have a second manager over the same weights, in which nothing is shared; the first of them
    starts it. No manager tells how much it found in its cache: `cached_tokens` is 0.

    model is what answers, for its services alone.
    """

    honours = frozenset({"temperature", "top_p", "top_k"})
    engine = "paged"
    mend = MEND
    start_mend = ': give it engine = "generate"'

    def __init__(
        self,
        name: str,
        loaded: weights.LoadedModel,
        sampling: Sampling,
        memory: float | None = None,
    ):
        super().__init__(name, loaded, sampling, memory)
        model = loaded.model
        refuse_unless_paged(name, model)

        def start(programs: bool) -> ContinuousBatcher:
            gc.collect()  # frees the cache of one that died
            window = loaded.template.window
            config = batching_config(name, model, window, memory, programs)
            return ContinuousBatcher(model, config)

        self.model: PreTrainedModel | None = model
        self._vocabulary = model.get_output_embeddings().weight.shape[0]
        self._start = start
        self._page = Supervisor(name, lambda closed: start(False))
        self._programs: Supervisor[ContinuousBatcher] | None = None
        self._starting = threading.Lock()

    @property
    def down(self) -> str | None:
        return self._page.down

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        reply = self.begin(messages, sampling)
        engine = await asyncio.to_thread(self._program_engine) if scope else self._page
        request = engine, reply.prompt.ids, reply.most, self.ends, self._settings(sampling)
        async with aclosing(self._tokens(*request)) as steps:
            async for ids, over in steps:
                piece = reply.add(ids, over=over)
                if piece or piece.usage.finish:
                    yield piece
                if piece.usage.finish:
                    break
        engine.report_success()

    async def warm(self, messages: Sequence[Message]) -> None:
        if ids := self.prefix(messages):
            # Two tokens: a request for one ends before its last pages are entered in the cache.
            async with aclosing(self._tokens(self._page, ids, 2, frozenset(), GREEDY)) as steps:
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

    def _program_engine(self) -> Supervisor[ContinuousBatcher]:
        """The programs' engine. The first call starts it, and blocks meanwhile."""
        with self._starting:
            self._page.service()  # raises MemberDown where the page has none
            if self._programs is None:
                try:
                    self._programs = Supervisor(self.name, lambda closed: self._start(True))
                except (RuntimeError, MemoryError) as error:
                    reason = f"its engine for programs does not start: {error}"
                    raise MemberError(self.name, reason) from error
            return self._programs

    async def _tokens(
        self,
        engine: Supervisor[ContinuousBatcher],
        ids: Sequence[int],
        most: int,
        ends: frozenset[int],
        settings: dict[str, float | int],
    ) -> AsyncGenerator[tuple[list[int], bool], None]:
        """The new ids as they come, and whether they are the last. Raises MemberError."""
        batcher = engine.service()
        try:
            async with aclosing(batcher.tokens(ids, most, ends, settings)) as steps:
                async for step in steps:
                    yield step
        except EngineError as error:
            if reason := batcher.failure():
                raise engine.report_failure(batcher, reason) from None
            raise MemberError(self.name, str(error)) from None

    def _settings(self, sampling: Sampling) -> dict[str, float | int]:
        """The manager's words for a request's sampling, within what its thread survives."""
        if sampling.greedy:
            return GREEDY
        return {
            "temperature": float(sampling.temperature),
            "top_k": min(sampling.top_k or self._vocabulary, self._vocabulary),
            "top_p": float(sampling.top_p),
        }
