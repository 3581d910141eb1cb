"""Plain `generate` of transformers over a member's weights: the yardstick for one conversation."""

import copy
import time
from typing import TYPE_CHECKING

from blend.bench.probe import First, Rate
from blend.bench.script import Script
from blend.conversation import Conversation

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from blend.members.generate import Generate
    from blend.members.paged import Paged


class Plain:
    """One reply after another, with the member's own sampling, template, dtype and threads.

    The weights are the member's own tensors; the modules around them are copies, because what a
    manager serves must not be called from elsewhere. Blocks: call it in a thread.
    """

    def __init__(self, member: "Paged | Generate"):
        self.of = member.name
        self.name = f"generate ({member.name})"
        self._member = member
        self._model = _twin(member.model)
        self.bytes = sum(w.numel() * w.itemsize for w in self._model.parameters())

    def rate(self, script: Script, reply: int, seconds: float) -> Rate:
        """Tokens a second of one conversation's first replies."""
        tokens, began, cpu = 0, time.perf_counter(), time.process_time()
        while (took := time.perf_counter() - began) < seconds:
            tokens += self._generate(Conversation().ask(script.question()), reply)[1]
        return Rate(tokens, took, time.process_time() - cpu)

    def first(self, script: Script) -> First:
        """The time to the first token of turn 10: reading the history is all of it."""
        asked, began = script.history(9).ask(script.question()), time.perf_counter()
        prompt, _ = self._generate(asked, 1)
        return First(time.perf_counter() - began, prompt, 0)

    def _generate(self, asked: Conversation, reply: int) -> tuple[int, int]:
        """Tokens read and written."""
        import torch

        member, sampling = self._member, self._member.sampling
        prompt = member.template.prompt(asked.messages(), reply)
        ids = torch.tensor([prompt.ids], device=self._model.device)
        chosen = {"do_sample": sampling.temperature >= 0.01, "repetition_penalty": None}
        if chosen["do_sample"]:
            chosen |= {"temperature": sampling.temperature, "top_p": sampling.top_p}
            chosen |= {"top_k": sampling.top_k, "min_p": sampling.min_p or None}
        if sampling.repetition_penalty != 1:
            chosen["repetition_penalty"] = sampling.repetition_penalty
        out = self._model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=reply,
            **chosen,
        )
        return ids.shape[1], out.shape[1] - ids.shape[1]


def has_weights(member: object) -> bool:
    """Whether its weights can be had here: not those of a remote member or a scripted one."""
    return getattr(member, "model", None) is not None


def _twin(model: "PreTrainedModel") -> "PreTrainedModel":
    """The same model in modules of its own, over the same tensors."""
    from transformers import GenerationConfig

    shared = {id(t): t for t in (*model.parameters(), *model.buffers())}
    twin = copy.deepcopy(model, shared)
    if model.is_backend_compatible():
        twin.set_attn_implementation("sdpa")
    # With no id that ends a reply: here all go on to their length, the members' too.
    twin.generation_config = GenerationConfig()
    return twin
