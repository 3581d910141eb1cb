"""A running continuous-batching manager: all that is known here of the insides of transformers."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from blend.members import MemberError, devices
from blend.members import memory as sizes
from blend.members.attention import attend_apart
from blend.members.dice import Dice
from blend.members.lean import slim
from blend.members.mail import Mail, Step
from blend.members.packed import pack
from blend.members.untouched import give_back

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CONVERSATIONS = 16
"""How many conversations that fill the window the cache holds at once, where nobody says."""
BATCH = 512
"""Tokens read in one step on a CPU: longer steps read faster and make those who write wait."""

APART = " apart"
"""How the id of a request ends that neither reads the cache nor leaves anything in it."""

PACE = 0.01
"""Seconds between two deliveries of tokens that nobody waits for: nobody reads a hundred times a
second, and every delivery wakes a reader who needs a processor, like the next step of a member."""


class Service:
    """A running manager: all that is known here of the insides of transformers.

    found: for each request, how many tokens of its prompt were in the cache. deliver: takes the
    steps of each batch in the manager's thread, where they do not go to those who listen here.
    """

    def __init__(
        self,
        model: "PreTrainedModel",
        config: Any,
        deliver: Callable[[list[tuple[str, Step]]], None] | None = None,
    ):
        from transformers import GenerationConfig

        # A processor is made only for a setting that differs from doing nothing at the start.
        sampled = GenerationConfig(do_sample=True, temperature=0.7, top_k=50, top_p=0.9)
        sampled.eos_token_id = sampled.pad_token_id = -1
        self.found: dict[str, int] = {}
        self._mail = Mail()
        self._courier = _Courier(deliver or self._mail.deliver)
        self._cpu = model.device.type == "cpu"
        if self._cpu:
            attend_apart(model)
            slim(model)
            pack(model)
        self._manager = model.init_continuous_batching(sampled, config)
        self._manager._generation_loop_body = self._surviving(self._manager._generation_loop_body)
        self._manager.warmup()  # makes the cache here, so that its errors are raised here
        self._tend(self._manager.batch_processor.cache)
        if self._cpu:
            give_back(self._manager.batch_processor.cache.cache_tensor)
            processor = self._manager.batch_processor
            dice = Dice(model.config.get_text_config().vocab_size)
            processor.logit_processor = processor.model_runner.logit_processor = dice
            processor.model_runner._sample = dice.sample
        # A thread is a daemon when its maker is one: a forgotten member must not block the exit.
        maker = threading.Thread(target=self._manager.start, daemon=True)
        maker.start()
        maker.join()

    def listen(self, request: str) -> "asyncio.Queue[Step]":
        """A queue of the calling loop in which the steps of a request will be put."""
        news = self._mail.open(request)
        self.hear(request)
        return news

    def hear(self, request: str) -> None:
        """Have the steps of a request delivered."""
        # Not register_result_handler: the manager would call every handler of a batch on the loop
        # of the last one, and die of a loop that was closed.
        take = self._courier.taking(request, self.found)
        self._manager.output_router.result_handlers[request] = (take, self._courier)

    def ask(
        self,
        request: str,
        ids: Sequence[int],
        max_tokens: int,
        ends: frozenset[int],
        settings: dict[str, float | int],
    ) -> bool:
        """Hand in a request; false where none are taken."""
        return not self.ailing() and (
            self._manager.add_request(
                list(ids), request, max_tokens, True, eos_token_id=[*ends], **settings
            )
            is not None
        )

    def forget(self, request: str, over: bool) -> None:
        """Stop listening, and cancel the request where it is not over."""
        self._manager.output_router.result_handlers.pop(request, None)
        self._mail.close(request)
        self.found.pop(request, None)
        if not over:
            self._manager.cancel_request(request)

    def ailing(self) -> str | None:
        """Why no output will come, or None: the manager itself lets requests wait for ever."""
        status = self._manager.background_thread_status
        if status.fatal_error is not None:
            return f"its engine died: {status.fatal_error}"
        if not self._manager.is_running():
            return "its engine died"
        return status.can_accept_new_requests()

    def stop(self) -> None:
        """End the thread; what still runs fails."""
        self._manager.stop(block=True, timeout=4, hard_stop=True)

    def _surviving(self, step: Callable[..., bool]) -> Callable[..., bool]:
        """A step that fails one request where memory runs out, instead of ending the thread.

        The one that had the most to read; the others of its batch wait and are read anew. With two
        batches under way at once, as with CUDA graphs, the thread does end; the member comes back.
        """
        import torch

        # Views and counters for a gradient that nobody asks for are a twentieth of a small step.
        quick = torch.inference_mode if self._cpu else nullcontext

        def survive(processor: Any, bootstrapping: bool) -> bool:
            try:
                with quick():
                    return step(processor, bootstrapping)
            except (torch.OutOfMemoryError, MemoryError) as error:
                if processor.use_async_batching:
                    raise
                failed = MemoryError(f"out of memory: {error}")
            torch.cuda.empty_cache()  # not in the handler, which holds the tensors of the batch
            batch, *_ = processor.inputs_and_outputs.prepare_batch_update()
            states = sorted((one.state for one in batch), key=lambda state: state.current_len())
            for state in states:
                if state is states[-1]:
                    processor._handle_request_error(failed, state)
                    processor.scheduler.finish_request(state.request_id)
                    continue
                again = state.create_equivalent_initial_request()
                processor.scheduler.finish_request(state.request_id)
                processor.scheduler.add_waiting_request(again)
            return True

        return survive

    def _tend(self, cache: Any) -> None:
        """Count what each request finds in the cache, and make room for it: oldest pages go first.

        Left to itself the manager drops all cached pages at once when it runs out of free ones.
        """
        search, (allocator, *others) = cache.search_prefix_match, cache.cache_allocators.values()
        page, spare = allocator.tokens_per_page, cache.num_blocks // 8

        def tended(request: str, ids: list[int]) -> int:
            found = 0 if request.endswith(APART) else search(request, ids)
            self.found.setdefault(request, found)
            # In this order: `forget` may run beside this, and must leave nothing behind.
            if request not in self._manager.output_router.result_handlers:
                self.found.pop(request, None)
            ledger, pool = allocator.ledger, allocator.pool
            free = pool.num_free_sectors * allocator.blocks_per_sector
            free += pool.count_free_blocks(allocator.index)
            lacking = max(0, (len(ids) - found) // page + 1 + spare - free)
            oldest = list(itertools.islice(ledger.cached_blocks, lacking))
            for block in oldest:
                del ledger.cached_blocks[block]
                del ledger.hash_to_block[ledger.block_to_hash.pop(block)]
            pool.free_blocks(allocator.index, oldest)
            return found

        def kept(state: Any, blocks: dict[str, int]) -> None:
            if not state.request_id.endswith(APART):
                keep(state, blocks)

        cache.mark_complete_blocks, keep = kept, cache.mark_complete_blocks
        if cache.use_prefix_sharing and not others:
            cache.search_prefix_match = tended


class _Courier:
    """In place of an event loop, in the manager's thread: hands on the outputs of batches.

    An output holds all tokens so far; what is handed on are the new ones. The first of a request,
    its end and its failure go at once; those between go with the first batch that comes PACE after
    the last that was sent.
    """

    def __init__(
        self,
        deliver: Callable[[list[tuple[str, Step]]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._deliver = deliver
        self._clock = clock
        self._bag: dict[str, Step] = {}
        self._urgent = False
        self._last = clock()

    def taking(self, request: str, found: dict[str, int]) -> Callable[[Any], None]:
        """What the manager calls for every output of a request."""
        seen = 0

        def take(out: Any) -> None:
            nonlocal seen
            fresh = tuple(out.generated_tokens[seen:])
            over = out.is_finished() or out.error is not None
            self._urgent |= over or not seen
            seen += len(fresh)
            if waiting := self._bag.get(request):
                fresh = waiting.ids + fresh
            self._bag[request] = Step(fresh, over, found.get(request, 0), out.error)

        return take

    def call_soon_threadsafe(self, call: Callable[..., None], *args: Any) -> None:
        """Have a whole batch taken, then hand over what may wait no longer."""
        call(*args)
        now = self._clock()
        if self._urgent or now - self._last >= PACE:
            steps, self._bag = [*self._bag.items()], {}
            self._urgent, self._last = False, now
            self._deliver(steps)


def refuse_unless_paged(name: str, model: "PreTrainedModel") -> None:
    """Raise MemberError, with the mend, for a model that no manager can serve."""
    if not getattr(model, "_supports_attention_backend", False):
        kind = model.config.model_type
        raise MemberError(name, f'{kind} has no paged attention: give it engine = "generate"')
    places = {str(place) for place in getattr(model, "hf_device_map", {}).values()}
    if len(places) > 1:
        reason = f"its weights lie on {', '.join(sorted(places))} and its pages on one"
        raise MemberError(name, f'{reason}: give it engine = "generate", or one `device`')


def batching(name: str, model: "PreTrainedModel", window: int, memory: float | None) -> Any:
    """The manager's settings: on a CPU it would take gigabytes if its cache were not sized here."""
    from transformers import ContinuousBatchingConfig

    config, cuda = model.config.get_text_config(), model.device.type == "cuda"
    token = sizes.token(config, model.dtype.itemsize)
    page = 256 if cuda else 32  # short pages share more; flash attention wants them long
    limit = devices.free(str(model.device)) / 2 if cuda else 1e9
    wanted = (CONVERSATIONS + 1) * window * token
    size = memory * 1e9 if memory else max(min(wanted, limit), 1.25 * window * token)
    pages = int(size // (page * token))
    if pages * page < window:
        need = window * token / 1e9
        raise MemberError(name, f"memory {memory} GB is too little: its window needs {need:.3g} GB")
    there = devices.free(str(model.device))
    if there is not None and size > there:
        reason = (
            f"its cache needs {size / 1e9:,.1f} GB and {model.device} has {there / 1e9:,.1f} GB"
        )
        raise MemberError(name, f"{reason} free: lower its `memory` or its `window`")
    return ContinuousBatchingConfig(
        page_size=page,
        num_blocks=pages,
        max_batch_tokens=sizes.STEP if cuda else BATCH,
        max_requests_per_batch=sizes.ROWS if cuda else None,
        max_memory_percent=1.0 if cuda else None,  # what there is was shared out before
        per_request_processors=True,
        safety_margin=0.0,  # pages are freed in _tend; a margin would drop all cached ones at once
        use_async_batching=None if cuda else False,
        use_cuda_graph=None if cuda else False,
    )
