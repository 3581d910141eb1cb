"""A transformers model under plain decoding: for those without paged attention, and where no
thread may run. `pieces` is synchronous and complete in itself; `stream` runs it in a thread.

Replies of one member take turns, a token each; they are never written in a batch.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from typing import TYPE_CHECKING

from blend.members import Piece, Sampling
from blend.members.local import weights
from blend.members.local.decoder import Decoder
from blend.members.local.model_member import ModelMember
from blend.members.round_robin import round_robin
from blend.message import Message

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CACHE_GIGABYTES = 0.5
"""Gigabytes of cache where the roster gives no `memory`."""


class Generate(ModelMember):
    """One model that answers all requests in turn: a step of each, in the order they came."""

    honours = frozenset({"temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"})
    engine = "generate"
    mend = "remove it"

    def __init__(
        self,
        name: str,
        loaded: weights.LoadedModel,
        sampling: Sampling,
        memory: float | None = None,
    ):
        super().__init__(name, loaded, sampling, memory)
        self._decoder = Decoder(name, loaded.model, CACHE_GIGABYTES if memory is None else memory)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=name)

    @property
    def model(self) -> "PreTrainedModel | None":
        """What answers, until it is closed."""
        return self._decoder.model

    @property
    def down(self) -> str | None:
        return "it was closed" if self.model is None else None

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        pieces = self.pieces(messages, sampling, scope)
        async with aclosing(round_robin(self.name, pieces, self._worker)) as coming:
            async for piece in coming:
                if piece or piece.usage.finish:
                    yield piece

    async def warm(self, messages: Sequence[Message]) -> None:
        async with aclosing(round_robin(self.name, self._reading(messages), self._worker)) as steps:
            async for _ in steps:
                pass

    async def aclose(self) -> None:
        """A reply that is being written fails at its next token; what waits fails at once."""
        self._decoder.close()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def pieces(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> Iterator[Piece]:
        """The reply, one piece for each step of the model, some of them empty.

        Needs no event loop and no other thread; closing it ends the reply. Several may be under
        way, but one step at a time: `stream` sees to that.
        """
        reply = self.begin(messages, sampling)
        # The cache knows no scopes: what is not the page's neither reads nor fills it.
        with closing(self._decoder.steps(reply.prompt.ids, sampling, kept=not scope)) as steps:
            for cached, token in steps:
                piece = reply.add([] if token is None else [token], cached)
                yield piece
                if piece.usage.finish:
                    return

    def _reading(self, messages: Sequence[Message]) -> Iterator[None]:
        """Fills the cache with the history, in steps."""
        ids = self.prefix(messages)
        if ids and not self._decoder.prefixes.holds(ids):
            with closing(self._decoder.steps(ids, Sampling(temperature=0.0))) as steps:
                for _, token in steps:
                    if token is not None:
                        return
                    yield
