"""The training loop: its device, its optimizers, its steps, and the checkpoints between them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blend.command_line import CommandError
from blend.training.recipes import Recipe

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel


@dataclass(frozen=True, slots=True)
class TrainingDevice:
    """What the run may use; it changes the speed and the rounding, not the recipe.

    every: steps between two checkpoints, which Ctrl-C loses at most.
    """

    device: str = "cpu"
    bfloat16: bool = False
    compiled: bool = False
    every: int = 100

    @classmethod
    def detect(cls, precision: str = "auto", compiled: bool = False) -> TrainingDevice:
        """A GPU where there is one; bfloat16 only where it is fast."""
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
        processor = getattr(torch.cpu, "get_capabilities", dict)()  # torch 2.8 has none
        fast = device == "cuda" or processor.get("avx512_bf16", False)
        return cls(device, precision == "bfloat16" or (precision == "auto" and fast), compiled)

    def autocast(self) -> Any:
        """The context in which a forward pass runs."""
        import torch

        return torch.autocast(self.device, torch.bfloat16, enabled=self.bfloat16)


class Optimizer:
    """Muon for the matrices of the layers, AdamW for embeddings, gains and biases.

    Muon (https://kellerjordan.github.io/posts/muon/) needs about 0.6 of AdamW's tokens here for the
    same loss and a sixth more time a step.
    """

    def __init__(self, model: PreTrainedModel):
        import torch

        self._parameters = [*model.parameters()]
        embeddings = model.get_input_embeddings().weight
        matrices = [p for p in self._parameters if p.dim() == 2 and p is not embeddings]
        rest = [p for p in self._parameters if p.dim() != 2 or p is embeddings]
        muon = torch.optim.Muon(matrices, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
        self.parts = [muon, torch.optim.AdamW(rest, betas=(0.9, 0.95), weight_decay=0.0)]

    def step(self, loss: Any, lr: float) -> float:
        """Change the weights against the gradient of the loss; the loss as a number."""
        import torch

        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = lr
            part.step()
            part.zero_grad()
        return loss.item()


def fit(
    recipe: Recipe,
    model: PreTrainedModel,
    data: tuple[np.ndarray, np.ndarray],
    work: Path,
    machine: TrainingDevice,
    resume: bool = False,
) -> None:
    """Train the model in place; checkpoints and the curve go to WORK, from where it can resume.

    data: every token and whether it counts in the loss, as `stream` gives them.
    """
    import torch
    from tqdm import tqdm

    work.mkdir(parents=True, exist_ok=True)
    optimizer = Optimizer(model.to(machine.device).train())
    losses = _load(work, recipe, model, optimizer) if resume else []
    body = model.base_model
    body = torch.compile(body, dynamic=False) if machine.compiled else body
    progress = {"total": recipe.steps * recipe.batch, "initial": len(losses) * recipe.batch}
    progress |= {"unit": " tokens", "unit_scale": True, "disable": None}
    with tqdm(desc=recipe.name, **progress) as bar:
        for step in range(len(losses), recipe.steps):
            with machine.autocast():
                loss = _loss(model, body, *_batch(recipe, step, data, machine.device))
            losses.append(optimizer.step(loss, recipe.lr * recipe.rate(step)))
            recent = losses[-20:]
            bar.set_postfix_str(f"loss {sum(recent) / len(recent):.3f}", refresh=False)
            bar.update(recipe.batch)
            if (step + 1) % machine.every == 0 or step + 1 == recipe.steps:
                _save(work, recipe, model, optimizer, losses)


def _batch(recipe: Recipe, step: int, data: tuple[np.ndarray, np.ndarray], device: str) -> tuple:
    """The rows of one step, and where the next token counts in the loss."""
    import torch

    here = slice(step * recipe.batch, (step + 1) * recipe.batch)
    ids, counts = (
        torch.from_numpy(part[here]).view(-1, recipe.row(step)).to(device) for part in data
    )
    return ids, counts[:, 1:]


def _loss(model: PreTrainedModel, body: Any, ids: Any, keep: Any) -> Any:
    """Cross-entropy of the counted tokens; the wide output layer runs on those rows only."""
    from torch.nn.functional import cross_entropy

    hidden = body(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    head = model.get_output_embeddings()
    return cross_entropy(head(hidden[keep]).float(), ids[:, 1:][keep])


def _save(
    work: Path,
    recipe: Recipe,
    model: PreTrainedModel,
    optimizer: Optimizer,
    losses: Sequence[float],
) -> None:
    import torch

    state = {"model": model.state_dict(), "optimizers": [p.state_dict() for p in optimizer.parts]}
    torch.save({**state, "losses": losses, "recipe": repr(recipe)}, work / "checkpoint.new")
    # Replaced in one move: a stop while writing leaves the checkpoint before.
    os.replace(work / "checkpoint.new", work / "checkpoint.pt")
    (work / "curve.json").write_text(json.dumps([round(loss, 4) for loss in losses]))


def _load(work: Path, recipe: Recipe, model: PreTrainedModel, optimizer: Optimizer) -> list[float]:
    """Put the checkpoint back; the losses so far, one a step, or none where nothing was saved."""
    import torch

    if not (work / "checkpoint.pt").is_file():
        return []
    state = torch.load(work / "checkpoint.pt", map_location=model.device)
    if state["recipe"] != repr(recipe):
        raise CommandError(f"{work} holds a run of another recipe: leave out --resume")
    model.load_state_dict(state["model"])
    for part, old in zip(optimizer.parts, state["optimizers"], strict=True):
        part.load_state_dict(old)
    return state["losses"]
