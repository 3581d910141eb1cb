"""A model that plays the visitor in self-play."""

from collections.abc import Iterable
from pathlib import Path

from blend.conversation import Conversation
from blend.members.local.checkpoint import Checkpoint
from blend.training.corpora import END, PAD, USER, encode, render


class SimulatedVisitor:
    """Writes the visitor's next line, for many conversations at once."""

    def __init__(self, folder: Path):
        checkpoint = Checkpoint.locate(str(folder))
        self._tokenizer = checkpoint.tokenizer()
        self._model = checkpoint.model(dtype="float32").eval()

    def lines(self, conversations: Iterable[Conversation]) -> list[str]:
        """One line for each conversation; sampled at 0.7, repeatable."""
        import torch

        prompts = [self._prompt(conversation) for conversation in conversations]
        longest = max(map(len, prompts))
        ids = torch.tensor([[PAD] * (longest - len(p)) + p for p in prompts])
        torch.manual_seed(longest)
        out = self._model.generate(
            input_ids=ids,
            attention_mask=(ids != PAD).long(),
            do_sample=True,
            temperature=0.7,
            top_p=0.9,
            top_k=0,
            max_new_tokens=50,
            eos_token_id=END,
            pad_token_id=PAD,
        )
        lines = self._tokenizer.batch_decode(out[:, longest:], skip_special_tokens=True)
        return [" ".join(line.split()) or "I see." for line in lines]

    def _prompt(self, conversation: Conversation) -> list[int]:
        texts = [message.text or " " for message in conversation.messages()]
        return [*render(encode(self._tokenizer, texts))[0], USER]
