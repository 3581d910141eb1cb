"""A transformers model under its continuous-batching manager: many conversations, one batch.

One background thread and one paged cache per member; a history that was read before is found again
by whole pages of tokens. It does not honour min_p, repetition_penalty or a seed per request, and a
model that a manager serves must not be called from elsewhere.
"""

import asyncio
import itertools
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from blend.conversation import Message, Usage
from blend.length import Length
from blend.members import MemberError, Piece, Sampling, weights
from blend.members.keeper import Keeper
from blend.members.mail import Step
from blend.members.service import APART, Service, batching, refuse_unless_paged
from blend.members.worker import Worker
from blend.members.workshop import Job
from blend.text import Text

if TYPE_CHECKING:
    from transformers import PreTrainedModel

COLDEST = 0.01
"""Temperatures below this are greedy: dividing by them overflows and ends the manager's thread."""
LOOK = 1.0
"""Seconds between two looks at whether a member's service is well, while a reply waits."""
MEND = 'remove it, or give the member engine = "generate"'


class Paged:
    """One model that answers many conversations at once.

    running and peak count the replies that stream at once. digest identifies what its replies come
    from: weights, tokenizer and chat template. device says in a word where it runs. ends are the
    ids that end a reply. model is what answers, for its service alone; None where it lies in a
    process of its own, and job says there what is loaded.
    """

    honours = frozenset({"temperature", "top_p", "top_k"})

    def __init__(
        self,
        name: str,
        loaded: weights.Loaded,
        sampling: Sampling,
        start: Callable[[], Service | Worker],
        vocabulary: int,
    ):
        """Use `load` or `over`. start: makes a running service. vocabulary: how many ids it has."""
        self.name = name
        self.sampling = sampling
        self.template = loaded.template
        self.model: PreTrainedModel | None = loaded.model
        self.digest = loaded.digest
        self.device = loaded.device
        self.ends = loaded.ends
        self.running = 0
        self.peak = 0
        self.job: Job | None = None
        self._vocabulary = vocabulary
        self._keeper = Keeper(name, start)
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        name: str,
        source: str,
        sampling: Sampling,
        *,
        memory: float | None = None,
        process: bool | Worker = False,
        **how: Any,
    ) -> "Paged":
        """The member, ready to answer. Blocks for the time it takes to read the weights.

        memory: gigabytes for the cache. process: whether the model lives in a process of its own,
        or the one of `begin`. how: see `weights.load`. Raises SamplingError and MemberError.
        """
        sampling.refuse_unless(cls.honours, "paged", MEND)
        if process:
            job = Job(name, source, sampling, memory, how)
            return cls._afar(job, Worker(job) if process is True else process)
        return cls.over(name, weights.load(name, source, sampling, **how), sampling, memory)

    @staticmethod
    def begin(
        name: str, source: str, sampling: Sampling, *, memory: float | None = None, **how: Any
    ) -> Worker:
        """The process that reads the model of a member, which `load` is told of later."""
        return Worker(Job(name, source, sampling, memory, how))

    @classmethod
    def _afar(cls, job: Job, first: Worker) -> "Paged":
        """The member over a model in a process of its own."""
        facts, waiting = first.open(), [first]
        told = ("revision", "template", "variables", "own_system")
        writing = {key: job.how[key] for key in told if key in job.how}
        try:
            template = weights.writer(
                job.name, job.source, facts.window, facts.tokenizer, **writing
            )
        except MemberError:
            first.stop()
            raise

        def start() -> Worker:
            if waiting:
                return waiting.pop()
            worker = Worker(job)
            worker.open()
            return worker

        loaded = weights.Loaded(None, template, facts.ends, facts.digest, facts.device)
        member = cls(job.name, loaded, job.sampling, start, facts.vocabulary)
        member.job = job
        return member

    @classmethod
    def over(
        cls, name: str, loaded: weights.Loaded, sampling: Sampling, memory: float | None = None
    ) -> "Paged":
        """The member over a model that is there already and is its own from now on; see `load`."""
        model = loaded.model
        refuse_unless_paged(name, model)

        def start() -> Service:
            return Service(model, batching(name, model, loaded.template.window, memory))

        try:
            vocabulary = model.get_output_embeddings().weight.shape[0]
            return cls(name, loaded, sampling, start, vocabulary)
        except MemberError:
            raise
        except (RuntimeError, MemoryError, ValueError) as error:
            raise MemberError(name, f"its engine does not start: {error}") from error

    @property
    def down(self) -> str | None:
        return self._keeper.down

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        sampling.refuse_unless(self.honours, "paged", MEND)
        prompt, most = self.template.bounded(
            messages, sampling.max_tokens, self.sampling.max_tokens
        )
        sampling, stop = replace(sampling, max_tokens=most), (*sampling.stop, *self.template.stop)
        text, count = Text(self.template.decode, stop, prompt.beginning), 0
        self._count(1)
        try:
            async with aclosing(self._tokens(prompt.ids, sampling, self.ends, scope)) as steps:
                async for cached, ids, over in steps:
                    said = [i for i in ids if i not in self.ends]
                    piece = text.add(said)
                    if over and not text.stopped:
                        piece += text.end()
                    count += len(ids)
                    ended = text.stopped or len(said) < len(ids)
                    finish = "stop" if ended else "length" if over else ""
                    usage = Usage(len(prompt.ids), cached, count, prompt.cut_turns, finish)
                    if piece or finish:
                        yield Piece(piece, usage)
                    if finish:
                        break
            self._keeper.well()
        finally:
            self._count(-1)

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length:
        return self.template.measure(messages, max_tokens, self.sampling.max_tokens)

    async def warm(self, messages: Sequence[Message]) -> None:
        usual = self.sampling.max_tokens
        prefix = self.template.prefix(messages, self.template.reserve(usual, usual))
        if prefix.ids:
            # Two tokens: a request for one ends before its last pages are entered in the cache.
            short = Sampling(temperature=0.0, max_tokens=2)
            async with aclosing(self._tokens(prefix.ids, short, frozenset())) as steps:
                async for _ in steps:
                    pass

    async def aclose(self) -> None:
        self.model = None
        await asyncio.to_thread(self._keeper.close)

    async def _tokens(
        self, ids: Sequence[int], sampling: Sampling, ends: frozenset[int], scope: str = ""
    ) -> AsyncGenerator[tuple[int, list[int], bool], None]:
        """Tokens found in the cache, the new ids, and whether the request is over, as they come."""
        service = self._keeper.service()
        # The cache knows no scopes: what is not the page's neither reads nor fills it.
        request = f"{self.name}-{next(self._numbers)}{APART if scope else ''}"
        news = service.listen(request)
        over, watch = False, _Watch(service, news)
        try:
            settings = self._settings(sampling)
            if not service.ask(request, ids, sampling.max_tokens, ends, settings):
                raise self._keeper.fallen(service, "its engine takes no requests")
            while not over:
                step = await news.get()
                while step.error is None and not news.empty():
                    newer = news.get_nowait()
                    step = newer._replace(ids=step.ids + newer.ids)
                over = step.over
                if step.error is not None:
                    if reason := service.ailing():
                        raise self._keeper.fallen(service, reason)
                    raise MemberError(self.name, step.error)
                yield step.found, list(step.ids), over
        finally:
            watch.end()
            service.forget(request, over)

    def _count(self, change: int) -> None:
        with self._lock:  # streams may run on several event loops, each in its thread
            self.running += change
            self.peak = max(self.peak, self.running)

    def _settings(self, sampling: Sampling) -> dict[str, float | int]:
        """The manager's words for a request's sampling, within what its thread survives."""
        if sampling.temperature < COLDEST:
            # top_k alone would leave equal logits, which bfloat16 has often, to the dice.
            return {"temperature": 1.0, "top_k": 1, "top_p": 1e-6}
        return {
            "temperature": float(sampling.temperature),
            "top_k": min(sampling.top_k or self._vocabulary, self._vocabulary),
            "top_p": float(sampling.top_p),
        }


class _Watch:
    """Looks every LOOK seconds whether a step can still come, and puts one that says why not.

    A limit on each wait for a step would be set as often as there are tokens.
    """

    def __init__(self, service: Service | Worker, news: "asyncio.Queue[Step]"):
        self._service = service
        self._news = news
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(LOOK, self._look)

    def end(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        if self._news.empty() and (reason := self._service.ailing()):
            self._news.put_nowait(Step((), over=True, error=reason))
        else:
            self._timer = self._loop.call_later(LOOK, self._look)
