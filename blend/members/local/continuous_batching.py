"""A continuous-batching manager of transformers that runs: token ids in, token ids out.

Of the manager only public methods are used: `init_continuous_batching`, `start`, `add_request`,
`register_result_handler`, `cancel_request`, `is_running` and `stop`.
"""

import asyncio
import itertools
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import ContinuousBatchingConfig, PreTrainedModel

CHECK_INTERVAL = 0.5
"""Seconds between two checks of the manager."""
FIRST_REQUEST = "0"
"""The request that each manager starts with."""
MAX_SILENCE = 300.0
"""Seconds in which a request that waits must get a token."""
GREEDY = {"temperature": 1.0, "top_k": 1, "top_p": 1e-6}
"""Settings that choose the likeliest token: a temperature of 0 ends the manager's thread, and top_k
alone leaves equal logits, which bfloat16 has often, to chance."""


class EngineError(RuntimeError):
    """A request failed, or the manager that had it did; `ContinuousBatcher.ailing` tells which."""


class ContinuousBatcher:
    """A manager, and the event loop in a thread of its own on which the manager calls back.

    Callers may have loops of their own; the manager needs one for all handlers of a batch. It never
    forgets the handler of a cancelled request: half a kilobyte each.
    """

    def __init__(self, model: "PreTrainedModel", config: "ContinuousBatchingConfig"):
        """Blocks until it has answered once. Raises EngineError, and what transformers raises."""
        from transformers import GenerationConfig

        # A processor is made only for a setting that differs from doing nothing at the start.
        sampled = GenerationConfig(do_sample=True, temperature=0.7, top_k=50, top_p=0.9)
        sampled.eos_token_id = sampled.pad_token_id = -1
        self._waiting: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Queue[Any]]] = {}
        self._numbers = itertools.count()
        self._reason, self._failure = "", ""
        self._last_output = time.monotonic()
        self._manager = model.init_continuous_batching(
            generation_config=sampled, continuous_batching_config=config
        )
        self._loop = asyncio.new_event_loop()
        # A daemon as the manager's thread is: neither blocks the program's exit.
        threading.Thread(target=self._run, daemon=True).start()
        try:
            asyncio.run_coroutine_threadsafe(self._run_first(), self._loop).result()
        except BaseException:
            self.stop()
            raise

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    async def _run_first(self) -> None:
        """One request: a manager that cannot start, as for lack of memory, fails its requests."""
        async with aclosing(self.tokens([0, 1], 2, frozenset(), GREEDY)) as steps:
            async for _ in steps:
                pass

    async def tokens(
        self,
        ids: Sequence[int],
        max_tokens: int,
        ends: frozenset[int],
        settings: Mapping[str, float | int],
    ) -> AsyncGenerator[tuple[list[int], bool], None]:
        """The new ids as they come, and whether they are the last. Raises EngineError.

        ends: the ids that end it. settings: temperature, top_k and top_p.
        """
        loop, outputs = asyncio.get_running_loop(), asyncio.Queue()
        request, count, over = str(next(self._numbers)), 0, False
        self._waiting[request] = loop, outputs
        arguments = list(ids), request, max_tokens, True
        options = {"eos_token_id": [*ends], **settings}
        try:
            if not self._call_soon(self._submit, request, arguments, options):
                raise EngineError("it was stopped")
            while not over:
                out = await outputs.get()
                while not outputs.empty():
                    out = outputs.get_nowait()  # it holds all the tokens so far
                if isinstance(out, str):
                    raise EngineError(out)
                if out.error is not None:
                    await asyncio.sleep(
                        CHECK_INTERVAL
                    )  # whether the manager dies of it is seen by then
                    raise EngineError(out.error)
                over = out.is_finished()
                yield out.generated_tokens[count:], over
                count = len(out.generated_tokens)
        finally:
            self._waiting.pop(request, None)
            if not over:  # on the loop, so that it cannot overtake what it cancels
                self._call_soon(self._manager.cancel_request, request)

    def failure(self) -> str | None:
        """Why no token will come, or None. The manager alone would let requests wait for ever."""
        if self._reason:
            return self._reason
        if not self._manager.is_running():
            return f"its engine died: {self._failure}" if self._failure else "its engine died"
        if self._waiting and time.monotonic() - self._last_output > MAX_SILENCE:
            return f"its engine gave no token for {MAX_SILENCE:g} s"
        return None

    def stop(self) -> None:
        """End the manager's thread; what still runs fails. Calling it twice is harmless."""
        self._reason = self.failure() or "it was stopped"
        if self._manager.is_running():
            self._manager.stop(block=True, timeout=4, hard_stop=True)
        self._fail(self._reason)
        if not self._manager.is_running():  # one that hangs needs the loop, should it ever end
            self._call_soon(self._loop.stop)

    def _call_soon(self, function: Callable[..., object], *args: object) -> bool:
        """Have a function run on the own loop; false where that has ended."""
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
            return False
        return True

    def _submit(self, request: str, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> None:
        """On the own loop: hand the request to the manager, with a handler."""
        if request not in self._waiting:
            return
        if len(self._waiting) == 1:
            self._last_output = time.monotonic()
        self._manager.register_result_handler(request, self._receive)
        if self._manager.add_request(*arguments, **options) is None:
            self._reason = self.failure() or "its engine takes no requests"
            self._fail(self._reason)
        if request == FIRST_REQUEST:
            self._manager.start()  # not before a request waits that can fail
            self._check()

    def _receive(self, out: Any) -> None:
        """On the own loop: an output of the manager."""
        self._last_output, self._failure = time.monotonic(), out.error or self._failure
        self._deliver(out.request_id, out)

    def _check(self) -> None:
        """On the own loop, again and again: fail the requests of a manager that will not answer."""
        if reason := self.failure():
            self._reason = reason
            self._fail(reason)
        asyncio.get_running_loop().call_later(CHECK_INTERVAL, self._check)

    def _fail(self, reason: str) -> None:
        for request in list(self._waiting):
            self._deliver(request, reason)

    def _deliver(self, request: str, what: Any) -> None:
        loop, outputs = self._waiting.get(request, (None, None))
        if loop is not None:
            with suppress(RuntimeError):  # the loop may be gone without a word
                loop.call_soon_threadsafe(outputs.put_nowait, what)
