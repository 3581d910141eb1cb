"""One request to a remote member's servers: fitted to their window, and to what they take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from blend.conversation import Message
from blend.members import NoContinuation, Sampling, TooLong
from blend.members.remote.errors import Fault, final
from blend.members.remote.protocol import CONTINUE, apart, switched
from blend.prompt.chat_template import folded
from blend.prompt.template import cut, in_turns, joined

BYTES_PER_TOKEN, MARKS = 3, 8
"""A message of n bytes is taken for n / 3 + 8 tokens: more than it has in most languages, because
what is cut for nothing costs less than what a server refuses."""
NEUTRAL = {"top_k": -1}
"""What does nothing for servers, where it is not what does nothing here."""


@dataclass(slots=True)
class RemoteRequest:
    """A conversation and how it is to be answered; `adapted` changes it.

    cut_turns: whole turns that were cut from the left. reserve: tokens of the window that are kept
    for a reply. scope: see Member. goes_on: whether the last message is the reply's
    beginning. shunned: keys of `dialect.SHUNNED` to do without.
    """

    messages: Sequence[Message]
    cut_turns: int
    sampling: Sampling
    reserve: int
    scope: str
    goes_on: bool
    shunned: frozenset[str] = frozenset()

    @classmethod
    def fitted(
        cls,
        messages: Sequence[Message],
        sampling: Sampling,
        usual: int,
        window: int | None,
        scope: str,
        goes_on: bool,
    ) -> Self:
        """The messages that fit, and as many tokens of a reply as then surely do, but `usual` ones.

        The lengths are estimates, so the last message is never cut: whether it fits, the server
        says.
        """
        reserve = min(sampling.max_tokens, usual)
        if window is None:
            return cls(list(messages), 0, sampling, reserve, scope, goes_on)
        system, turns = in_turns(messages)
        lengths, asked = [_length(turn) for turn in turns], [_length(turn[:1]) for turn in turns]
        start = cut(lengths, asked, _length(system), max(0, window - reserve))
        start = max(0, min(start, len(turns) - 1))
        kept = [*system, *joined(turns[start:])]
        most = min(sampling.max_tokens, max(reserve, window - _length(kept)))
        return cls(kept, start, replace(sampling, max_tokens=most), reserve, scope, goes_on)

    def adapted(self, fault: Fault) -> bool:
        """Whether it was changed into what a server may take that refused it.

        Raises Fault where the beginning of a reply was refused.
        """
        if fault.shunned and fault.shunned not in self.shunned:
            self.shunned |= {fault.shunned}
        elif fault.kind is TooLong and self.sampling.max_tokens > self.reserve:
            self.sampling = replace(self.sampling, max_tokens=self.reserve)
        elif fault.refused and self.goes_on:
            raise final(fault.reason, NoContinuation) from fault
        elif fault.refused and all(message.role == "system" for message in self.messages):
            self.messages = folded(self.messages)  # many templates want a user to have spoken
        else:
            return False
        return True

    def body(
        self, model: str, extra: Iterable[str] = (), thinking: bool | None = None
    ) -> dict[str, Any]:
        """The keyword arguments for `chat.completions.create`; every member's turn is an
        assistant's.

        extra: settings of ours that are sent even where they do nothing, as temperature and top_p
        are: left out, a server may put in what came with the model. thinking: see `switched`.
        """
        sampling = self.sampling
        messages = folded(self.messages) if "system" in self.shunned else self.messages
        limit = "max_completion_tokens" if "max_tokens" in self.shunned else "max_tokens"
        asked: dict[str, Any] = {
            "model": model,
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            limit: sampling.max_tokens,
            "stream": True,
        }
        if sampling.stop and not thinking:  # there it would end thoughts, too
            asked["stop"] = list(sampling.stop)
        if sampling.seed is not None:
            asked["seed"] = sampling.seed
        if "stream_options" not in self.shunned:
            asked["stream_options"] = {"include_usage": True}
        if also := self._beyond_openai(extra, thinking):
            asked["extra_body"] = also
        return asked

    def _beyond_openai(self, extra: Iterable[str], thinking: bool | None) -> dict[str, Any]:
        """The keys that are no part of OpenAI's API."""
        also = {
            name: getattr(self.sampling, name) or NEUTRAL.get(name, 0) for name in sorted(extra)
        }
        if self.goes_on:
            also |= CONTINUE
        if self.scope and "cache" not in self.shunned:
            also |= apart(self.scope)
        if "thinking" not in self.shunned:
            also |= switched(thinking)
        return also


def _length(messages: Iterable[Message]) -> int:
    return sum(len(message.text.encode()) // BYTES_PER_TOKEN + MARKS for message in messages)
