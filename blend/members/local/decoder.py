"""Token ids in, token ids out, one at a time: a transformers model, its caches and its sampler."""

import inspect
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

from blend.members import MemberDown, MemberError, Sampling
from blend.members.local.prefix_cache import PrefixCache, is_recurrent

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

PREFILL_TOKENS = 512
"""Tokens read at once: a request can be cancelled between two parts of its history."""


class Decoder:
    """A model that goes on where a sequence of ids ends, and keeps what it has read.

    name: of the member, for its errors. memory: gigabytes for what is kept.
    """

    def __init__(self, name: str, model: "PreTrainedModel", memory: float):
        takes = inspect.signature(model.forward).parameters
        names = [key for key in ("cache", "past_key_values", "cache_params") if key in takes]
        if not names:
            kind = model.config.model_type
            raise MemberError(name, f"{kind} takes no cache: no engine here can run it")
        self.prefixes = PrefixCache(memory * 1e9)
        self._name = name
        self.model: PreTrainedModel | None = model
        self._cache_name = names[0]
        self._options = {"logits_to_keep": 1} if "logits_to_keep" in takes else {}
        _, cache = self._forward(model, [0, 1], None)
        # With a recurrent state, some models drop it without a word when they get several tokens.
        self._in_parts = not is_recurrent(cache)

    def close(self) -> None:
        """Let go of the model; what runs ends with MemberDown at its next token."""
        self.model = None
        self.prefixes.clear()

    def steps(
        self, prompt: Sequence[int], sampling: Sampling, kept: bool = True
    ) -> Generator[tuple[int, int | None], None, None]:
        """Tokens found in the cache, and the next new id: None while there is more to read.

        Goes on until it is closed; what was read by then is kept for the next request. kept: else
        the cache is neither read nor filled.
        """
        import torch

        ids, read, cache, whole = list(prompt), 0, None, False
        try:
            with torch.inference_mode():
                cached, cache = self.prefixes.get(ids) if kept else (0, None)
            read, sample = cached, make_sampler(sampling)
            while True:
                if (model := self.model) is None:
                    raise MemberDown(self._name, "it was closed")
                part = ids[read : read + self._stride(read, len(ids))]
                whole = False  # a forward that fails leaves some layers longer than others
                logits, cache = self._forward(model, part, cache)
                read, whole = read + len(part), True
                if read < len(ids):
                    yield cached, None
                else:
                    ids.append(sample(ids, logits))
                    yield cached, ids[-1]
        except MemberError:
            raise
        except Exception as error:  # whatever a model raises, it ends this one request
            raise self._failure(error) from error
        finally:
            if kept and whole and self.model is not None:
                self.prefixes.put(ids[:read], cache)

    def _stride(self, read: int, count: int) -> int:
        """How many of `count` tokens to read at once, after `read` of them."""
        if self._in_parts:
            return PREFILL_TOKENS
        return 1 if read else count

    def _forward(
        self, model: "PreTrainedModel", part: Sequence[int], cache: Any
    ) -> "tuple[torch.Tensor, Any]":
        """The logits after the last id of a part, and the cache with it."""
        import torch

        # Not around a whole reply: between two steps the mode would leak to the generator's caller.
        with torch.inference_mode():
            ids = torch.tensor([part], device=model.device)
            caches = {self._cache_name: cache}
            out = model(input_ids=ids, use_cache=True, **caches, **self._options)
            return out.logits[:, -1].float(), out[self._cache_name]

    def _failure(self, error: Exception) -> MemberError:
        import torch

        if isinstance(error, MemoryError | torch.OutOfMemoryError):
            self.prefixes.clear()  # so that the next request finds room
            return MemberError(self._name, f"out of memory: {error}")
        return MemberError(self._name, f"its model failed: {error!r}")


def make_sampler(sampling: Sampling) -> "Callable[[Sequence[int], torch.Tensor], int]":
    """Picks the next id from all ids so far and the logits of the next."""
    import torch
    from transformers import generation

    processors = generation.LogitsProcessorList()
    if (penalty := sampling.repetition_penalty) != 1:
        processors.append(generation.RepetitionPenaltyLogitsProcessor(float(penalty)))
    if not sampling.greedy:
        processors.append(generation.TemperatureLogitsWarper(float(sampling.temperature)))
        if sampling.top_k:
            processors.append(generation.TopKLogitsWarper(sampling.top_k))
        if sampling.top_p < 1:
            processors.append(generation.TopPLogitsWarper(float(sampling.top_p)))
        if sampling.min_p:
            processors.append(generation.MinPLogitsWarper(float(sampling.min_p)))
    generator: torch.Generator | None = None

    def sample(ids: Sequence[int], logits: "torch.Tensor") -> int:
        nonlocal generator
        with torch.inference_mode():
            scores = processors(torch.tensor([ids], device=logits.device), logits)
            if sampling.greedy:
                return int(scores.argmax())
            if generator is None:
                generator = torch.Generator(logits.device)
                # Else every generator begins with the same seed, in every forked worker too.
                seed = sampling.seed
                generator.seed() if seed is None else generator.manual_seed(seed)
            chances = scores.softmax(-1)
            if not chances.isfinite().all():  # on CUDA, drawing from these would end the process
                raise ValueError("its logits are no numbers")
            return int(torch.multinomial(chances, 1, generator=generator))

    return sample
