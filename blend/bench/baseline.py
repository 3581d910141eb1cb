"""Plain `generate` of transformers over a member's weights: what its engine is compared with."""

import asyncio
import copy
import time
from typing import TYPE_CHECKING

from blend.bench.measures import Rate
from blend.bench.workload import Workload
from blend.conversation import Conversation

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from blend.members.local.generate import Generate
    from blend.members.local.paged import Paged


class GenerateBaseline:
    """One reply after another, with the member's own sampling, template, dtype and threads.

    The weights are the member's own tensors; the modules around them are copies, because what a
    manager serves must not be called from elsewhere. To be measured while the member is idle.
    """

    def __init__(self, member: "Paged | Generate"):
        self.of = member.name
        self.name = f"{member.name}, plain generate"
        self._member = member
        self._model = _copy(member.model)
        self.bytes = sum(w.numel() * w.itemsize for w in self._model.parameters())

    async def rate(self, workload: Workload, size: int, reply: int, seconds: float) -> Rate | None:
        """Tokens a second of one conversation; it cannot hold more at once."""
        return await asyncio.to_thread(self._rate, workload, reply, seconds) if size == 1 else None

    def _rate(self, workload: Workload, reply: int, seconds: float) -> Rate:
        tokens, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            tokens += self._generate(workload.question(), reply)
        return Rate({self.of: tokens}, took)

    def _generate(self, question: str, reply: int) -> int:
        """How many tokens were written."""
        import torch

        sampling, asked = self._member.sampling, Conversation().ask(question)
        prompt = self._member.template.prompt(asked.messages(), reply)
        ids = torch.tensor([prompt.ids], device=self._model.device)
        how = {"do_sample": sampling.temperature >= 0.01, "repetition_penalty": None}
        if how["do_sample"]:
            how |= {"temperature": sampling.temperature, "top_p": sampling.top_p}
            how |= {"top_k": sampling.top_k, "min_p": sampling.min_p or None}
        if sampling.repetition_penalty != 1:
            how["repetition_penalty"] = sampling.repetition_penalty
        mask = torch.ones_like(ids)
        out = self._model.generate(ids, attention_mask=mask, max_new_tokens=reply, **how)
        return out.shape[1] - ids.shape[1]


def _copy(model: "PreTrainedModel") -> "PreTrainedModel":
    """The same model in modules of its own, over the same tensors."""
    from transformers import GenerationConfig

    made = copy.deepcopy(model, {id(t): t for t in (*model.parameters(), *model.buffers())})
    if model.is_backend_compatible():
        made.set_attn_implementation("sdpa")
    # With no id that ends a reply: here all go on to their length, the members' too.
    made.generation_config = GenerationConfig()
    return made
