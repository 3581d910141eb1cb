"""A transformers model under plain decoding: for those without paged attention, and where no
thread may run. `pieces` is synchronous and complete in itself; `stream` runs it in a thread.

Replies of one member take turns, a token each; they are never written in a batch.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any

from blend.conversation import Message, Usage
from blend.length import Length
from blend.members import MemberError, Piece, Sampling, weights
from blend.members.decoder import Decoder
from blend.members.round_robin import round_robin
from blend.text import Text

if TYPE_CHECKING:
    from transformers import PreTrainedModel

KEPT = 0.5
"""Gigabytes of cache where the roster gives no `memory`."""


class Generate:
    """One model that answers all requests in turn: a step of each, in the order they came.

    digest identifies what its replies come from: weights, tokenizer and chat template. device is a
    word for the page. ends are the ids that end a reply.
    """

    honours = frozenset({"temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"})

    def __init__(
        self,
        name: str,
        loaded: weights.Loaded,
        sampling: Sampling,
        memory: float = KEPT,
    ):
        """Use `load` or `over`. memory: gigabytes for the histories that were read."""
        self.name = name
        self.sampling = sampling
        self.template = loaded.template
        self.digest = loaded.digest
        self.device = loaded.device
        self.ends = loaded.ends
        self._decoder = Decoder(name, loaded.model, memory)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=name)

    @classmethod
    def load(
        cls,
        name: str,
        source: str,
        sampling: Sampling,
        *,
        memory: float | None = None,
        **how: Any,
    ) -> "Generate":
        """The member, ready to answer. Blocks for the time it takes to read the weights.

        memory: gigabytes for the histories that were read. how: see `weights.load`. Raises
        SamplingError and MemberError.
        """
        sampling.refuse_unless(cls.honours, "generate", "remove it")
        return cls.over(name, weights.load(name, source, sampling, **how), sampling, memory)

    @classmethod
    def over(
        cls, name: str, loaded: weights.Loaded, sampling: Sampling, memory: float | None = None
    ) -> "Generate":
        """The member over a model that is there already; see `load`."""
        try:
            return cls(name, loaded, sampling, KEPT if memory is None else memory)
        except (RuntimeError, MemoryError, ValueError, TypeError) as error:
            if isinstance(error, MemberError):
                raise
            raise MemberError(name, f"its model does not run: {error}") from error

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

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length:
        return self.template.measure(messages, max_tokens, self.sampling.max_tokens)

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
        sampling.refuse_unless(self.honours, "generate", "remove it")
        prompt, most = self.template.bounded(
            messages, sampling.max_tokens, self.sampling.max_tokens
        )
        stop = (*sampling.stop, *self.template.stop)
        opening = self.template.opening
        text, count = Text(self.template.decode, stop, prompt.beginning, opening), 0
        # The cache knows no scopes: what is not the page's neither reads nor fills it.
        with closing(self._decoder.steps(prompt.ids, sampling, kept=not scope)) as steps:
            for found, token in steps:
                count += token is not None
                ended, full = token in self.ends, count == most
                piece = text.add([] if ended or token is None else [token])
                if ended or full:
                    piece += text.end()
                finish = "stop" if ended or text.stopped else "length" if full else ""
                yield Piece(piece, Usage(len(prompt.ids), found, count, prompt.cut_turns, finish))
                if finish:
                    return

    def _reading(self, messages: Sequence[Message]) -> Iterator[None]:
        """Fills the cache with the history, in steps."""
        usual = self.sampling.max_tokens
        prefix = self.template.prefix(messages, self.template.reserve(usual, usual))
        if prefix.ids and not self._decoder.prefixes.holds(prefix.ids):
            with closing(self._decoder.steps(prefix.ids, Sampling(temperature=0.0))) as steps:
                for _, token in steps:
                    if token is not None:
                        return
                    yield
