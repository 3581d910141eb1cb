"""What the two engines over a transformers model share: loading it, and the pieces of a reply."""

from collections.abc import Sequence
from typing import Any, Self

from blend.conversation import Usage
from blend.members import MemberError, Piece, Sampling
from blend.members.local import weights
from blend.message import Message
from blend.prompt.detokenizer import StreamDetokenizer
from blend.prompt.length import Length
from blend.prompt.template import Prompt


class ModelMember:
    """A transformers model that answers in this process.

    digest follows what changes its replies: weights, tokenizer and chat template. device is a word
    for the page, and parameters the number of its weights. ends are the ids that end a reply.
    """

    honours: frozenset[str]
    engine: str
    mend: str
    """What to do about a setting that the engine cannot honour."""
    start_mend = ""
    """What to do about a model that the engine cannot run."""

    def __init__(
        self, name: str, loaded: weights.LoadedModel, sampling: Sampling, memory: float | None
    ):
        """Use `load` or `over`. memory: gigabytes of cache, or None where the engine decides."""
        self.name = name
        self.sampling = sampling
        self.template = loaded.template
        self.digest = loaded.digest
        self.device = loaded.device
        self.parameters: int = loaded.model.num_parameters()
        self.ends = loaded.ends

    @classmethod
    def load(
        cls, name: str, source: str, sampling: Sampling, *, memory: float | None = None, **how: Any
    ) -> Self:
        """The member, ready to answer. Blocks while the weights are read.

        memory: gigabytes of cache. how: see `weights.load`. Raises SamplingError and MemberError.
        """
        cls.check(sampling)
        return cls.over(name, weights.load(name, source, sampling, **how), sampling, memory)

    @classmethod
    def over(
        cls, name: str, loaded: weights.LoadedModel, sampling: Sampling, memory: float | None = None
    ) -> Self:
        """The member over a model that is loaded; see `load`. Raises MemberError."""
        try:
            return cls(name, loaded, sampling, memory)
        except MemberError:
            raise
        except (*weights.LOAD_ERRORS, TypeError) as error:
            reason = f"its engine does not start: {error}{cls.start_mend}"
            raise MemberError(name, reason) from error

    @classmethod
    def check(cls, sampling: Sampling) -> None:
        """Raise SamplingError for a setting that the engine cannot honour."""
        sampling.refuse_unless(cls.honours, cls.engine, cls.mend)

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length:
        return self.template.measure(messages, max_tokens, self.sampling.max_tokens)

    def prefix(self, messages: Sequence[Message]) -> Sequence[int]:
        """The ids of the history with which the next prompt begins; none where that is unsure."""
        usual = self.sampling.max_tokens
        return self.template.prefix(messages, self.template.reserve(usual, usual)).ids

    def begin(self, messages: Sequence[Message], sampling: Sampling) -> "GrowingReply":
        """The reply to these messages, still empty. Raises SamplingError and TooLong."""
        self.check(sampling)
        usual = self.sampling.max_tokens
        prompt, most = self.template.bounded(messages, sampling.max_tokens, usual)
        stop = (*sampling.stop, *self.template.stop)
        text = StreamDetokenizer(
            self.template.decode, stop, prompt.beginning, self.template.opening
        )
        return GrowingReply(prompt, most, text, self.ends)


class GrowingReply:
    """One reply as it grows, from ids to text. most: the new ids that fit."""

    def __init__(self, prompt: Prompt, most: int, text: StreamDetokenizer, ends: frozenset[int]):
        self.prompt = prompt
        self.most = most
        self._text = text
        self._ends = ends
        self._count = 0

    def add(self, ids: Sequence[int], cached: int = 0, over: bool = False) -> Piece:
        """The piece that these ids make certain, often empty; the last one says how it ended.

        cached: ids of the prompt that were found in a cache. over: whether no more will come.
        """
        own = [i for i in ids if i not in self._ends]
        self._count += len(ids)
        ended, full = len(own) < len(ids), over or self._count >= self.most
        text = self._text.add(own)
        if ended or full:
            text += self._text.end()
        finish = "stop" if ended or self._text.stopped else "length" if full else ""
        tokens = len(self.prompt.ids)
        return Piece(text, Usage(tokens, cached, self._count, self.prompt.cut_turns, finish))
