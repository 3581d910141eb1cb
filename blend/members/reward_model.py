"""A reward model: a conversation and candidates for its next reply, to one number for each."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from blend.members import MemberError
from blend.members.local import devices, weights
from blend.members.local.checkpoint import Checkpoint
from blend.message import Message
from blend.prompt.transformers_template import TransformersTemplate

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


@dataclass(frozen=True, slots=True)
class RewardModelSpec:
    """A reward model as a roster describes it.

    source: a folder, or an id on the Hub, with `revision`. window: the tokens that it reads, from
    the end. template: a Jinja chat template in place of the tokenizer's own.
    """

    source: str
    revision: str = ""
    window: int | None = None
    template: str = ""


class RewardModel:
    """Gives each reply a number, higher for better. Members may share one; requests take turns.

    It reads the end of the conversation: what exceeds the window is cut on the left, even in the
    middle of a turn, as at Chai. Of a model with two classes the number is the log odds of the
    second. digest follows what changes the numbers.
    """

    def __init__(self, model: "PreTrainedModel", template: TransformersTemplate, digest: str):
        """Use `load`. The template's window is the model's."""
        self.digest = digest
        self._model = model
        self._template = template
        self._pad = model.config.get_text_config().pad_token_id
        self._lock = threading.Lock()

    @classmethod
    def load(cls, name: str, reward: RewardModelSpec) -> "RewardModel":
        """The model, ready. name: of the member that uses it, for errors. Raises MemberError.

        Any `AutoModelForSequenceClassification` with one label or two that reads from left to
        right, like those that transformers makes of Llama, Qwen or GPT-2.
        """
        source = Checkpoint.locate(reward.source, reward.revision or None)
        model, tokenizer = weights.read(name, source, head="SequenceClassification")
        if not any("Classification" in kind for kind in model.config.architectures or ()):
            raise MemberError(name, f"{source} is no reward model: it has no classification head")
        if model.config.num_labels not in (1, 2):
            reason = f"a reward model has one label or two, not {model.config.num_labels}"
            raise MemberError(name, f"{source}: {reason}")
        window = devices.window_of(name, model.config, reward.window)
        # It learned from texts with its template's own system text.
        template = TransformersTemplate(
            name, tokenizer, window, reward.template or None, own_system=True
        )
        digest = weights.digest(source, f"{window} {template.chat}")
        return cls(model, template, digest)

    def scores(self, history: Sequence[Message], replies: Sequence[str]) -> list[float]:
        """A number for each reply to the history, whose last message is the user's. Blocks."""
        import torch

        read = [
            self._template.whole([*history, Message("assistant", reply)])[-self._template.window :]
            for reply in replies
        ]
        with self._lock, torch.inference_mode():
            # All at once, where the model can tell what is padding; else one by one.
            batches = [read] if self._pad is not None else [[row] for row in read]
            logits = torch.cat([self._logits(rows) for rows in batches]).float()
        scores = logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]
        return scores.tolist()

    def _logits(self, rows: list[Any]) -> "torch.Tensor":
        """Logits [rows, labels]."""
        import torch

        longest = max(map(len, rows))
        ids = torch.tensor([[*row, *[self._pad] * (longest - len(row))] for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        device = self._model.device
        return self._model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits


def mean_score(
    model: RewardModel, history: Sequence[Message], messages: Sequence[Message]
) -> float:
    """The mean of the model's numbers for the replies among `messages`, each after the history and
    all messages before it. Blocks. Raises ValueError where there is no reply."""
    whole = [*history, *messages]
    return mean(
        model.scores(whole[:place], [message.text or " "])[0]
        for place, message in enumerate(whole)
        if place >= len(history) and message.role == "assistant"
    )
