"""Token ids in, token ids out, one at a time: a transformers model, its caches and its sampler."""

import inspect
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

from blend.members import MemberDown, MemberError, Sampling
from blend.members.local.prefix_cache import Prefixes, recurrent

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

PART = 512
"""Tokens read at once: a request can be given up between two parts of its history."""


class Decoder:
    """A model that goes on where a sequence of ids ends, and keeps what it has read.

    name: of the member, for its errors. memory: gigabytes for what is kept.
    """

    def __init__(self, name: str, model: "PreTrainedModel", memory: float):
        takes = inspect.signature(model.forward).parameters
        slots = [slot for slot in ("cache", "past_key_values", "cache_params") if slot in takes]
        if not slots:
            kind = model.config.model_type
            raise MemberError(name, f"{kind} takes no cache: no engine here can run it")
        self.prefixes = Prefixes(memory * 1e9)
        self._name = name
        self.model: PreTrainedModel | None = model
        self._slot = slots[0]
        self._always = {"logits_to_keep": 1} if "logits_to_keep" in takes else {}
        _, cache = self._forward(model, [0, 1], None)
        # With a recurrent state, some models drop it without a word when they get several tokens.
        self._in_parts = not recurrent(cache)

    def close(self) -> None:
        """Let go of the model; what runs ends with MemberDown at its next token."""
        self.model = None
        self.prefixes.clear()

    def steps(
        self, ids: Sequence[int], sampling: Sampling, kept: bool = True
    ) -> Generator[tuple[int, int | None], None, None]:
        """Tokens found in the cache, and the next new id: None while there is more to read.

        Goes on until it is closed; what was read by then is kept for the next request. kept: else
        the cache is neither read nor filled.
        """
        import torch

        said, at, cache, sound = list(ids), 0, None, False
        try:
            with torch.inference_mode():
                found, cache = self.prefixes.take(said) if kept else (0, None)
            at, choose = found, _chooser(sampling)
            while True:
                if (model := self.model) is None:
                    raise MemberDown(self._name, "it was closed")
                part = said[at : at + self._stride(at, len(said))]
                sound = False  # a forward that fails leaves some layers longer than others
                logits, cache = self._forward(model, part, cache)
                at, sound = at + len(part), True
                if at < len(said):
                    yield found, None
                else:
                    said.append(choose(said, logits))
                    yield found, said[-1]
        except MemberError:
            raise
        except Exception as error:  # whatever a model raises, it ends this one request
            raise self._failure(error) from error
        finally:
            if kept and sound and self.model is not None:
                self.prefixes.put(said[:at], cache)

    def _stride(self, at: int, whole: int) -> int:
        """How many of `whole` tokens to read at once, after `at` of them."""
        if self._in_parts:
            return PART
        return 1 if at else whole

    def _forward(
        self, model: "PreTrainedModel", part: Sequence[int], cache: Any
    ) -> "tuple[torch.Tensor, Any]":
        """The logits after the last id of a part, and the cache with it."""
        import torch

        # Not around a whole reply: between two steps the mode would leak to the generator's caller.
        with torch.inference_mode():
            ids = torch.tensor([part], device=model.device)
            out = model(input_ids=ids, use_cache=True, **{self._slot: cache}, **self._always)
            return out.logits[:, -1].float(), out[self._slot]

    def _failure(self, error: Exception) -> MemberError:
        import torch

        if isinstance(error, MemoryError | torch.OutOfMemoryError):
            self.prefixes.clear()  # the next request shall find room
            return MemberError(self._name, f"out of memory: {error}")
        return MemberError(self._name, f"its model failed: {error!r}")


def _chooser(sampling: Sampling) -> "Callable[[Sequence[int], torch.Tensor], int]":
    """Picks the next id from all ids so far and the logits of the next."""
    import torch
    from transformers import generation

    shape = generation.LogitsProcessorList()
    if sampling.repetition_penalty != 1:
        shape.append(
            generation.RepetitionPenaltyLogitsProcessor(float(sampling.repetition_penalty))
        )
    if not sampling.greedy:
        shape.append(generation.TemperatureLogitsWarper(float(sampling.temperature)))
        if sampling.top_k:
            shape.append(generation.TopKLogitsWarper(sampling.top_k))
        if sampling.top_p < 1:
            shape.append(generation.TopPLogitsWarper(float(sampling.top_p)))
        if sampling.min_p:
            shape.append(generation.MinPLogitsWarper(float(sampling.min_p)))
    dice: torch.Generator | None = None

    def choose(said: Sequence[int], logits: "torch.Tensor") -> int:
        nonlocal dice
        with torch.inference_mode():
            scores = shape(torch.tensor([said], device=logits.device), logits)
            if sampling.greedy:
                return int(scores.argmax())
            if dice is None:
                dice = torch.Generator(logits.device)
                # Left alone, every generator begins with the same seed, in every forked worker too.
                dice.seed() if sampling.seed is None else dice.manual_seed(sampling.seed)
            chances = scores.softmax(-1)
            if not chances.isfinite().all():  # on CUDA, drawing from these would end the process
                raise ValueError("its logits are no numbers")
            return int(torch.multinomial(chances, 1, generator=dice))

    return choose
