"""One request to a remote member's servers: fitted to their window, and to what they support."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from blend.members import NoContinuation, Sampling, TooLong
from blend.members.remote.errors import ServerError, final
from blend.members.remote.protocol import CONTINUE, separate_cache, thinking_switch
from blend.message import Message
from blend.prompt.turns import flatten, fold_system, split_turns, truncate_turns

BYTES_PER_TOKEN, TOKENS_AROUND = 3, 8
"""A message of n bytes is taken for n / 3 + 8 tokens: more than it has in most languages, because
an early cut costs less than a refusal."""
NEUTRAL = {"top_k": -1}
"""What does nothing for servers, where it is not what does nothing here."""


@dataclass(slots=True)
class RemoteRequest:
    """A conversation and how it is to be answered; `adapt` changes it.

    cut_turns: whole turns that were cut from the left. reserve: tokens of the window that are kept
    for a reply. scope: see Member. continues: whether the last message is the beginning of the
    reply. unsupported: keys of `protocol.UNSUPPORTED` to do without.
    """

    messages: Sequence[Message]
    cut_turns: int
    sampling: Sampling
    reserve: int
    scope: str
    continues: bool
    unsupported: frozenset[str] = frozenset()

    @classmethod
    def fit(
        cls,
        messages: Sequence[Message],
        sampling: Sampling,
        usual: int,
        window: int | None,
        scope: str,
        continues: bool,
    ) -> Self:
        """The request with the messages that fit, and with as many new tokens as then surely fit.

        usual: new tokens that are kept free in any case. The lengths are estimates, so the last
        message is never cut: the server knows whether it fits.
        """
        reserve = min(sampling.max_tokens, usual)
        if window is None:
            return cls(list(messages), 0, sampling, reserve, scope, continues)
        system, turns = split_turns(messages)
        lengths, heads = [_length(turn) for turn in turns], [_length(turn[:1]) for turn in turns]
        start = truncate_turns(lengths, heads, _length(system), max(0, window - reserve))
        start = max(0, min(start, len(turns) - 1))
        kept = [*system, *flatten(turns[start:])]
        most = min(sampling.max_tokens, max(reserve, window - _length(kept)))
        return cls(kept, start, replace(sampling, max_tokens=most), reserve, scope, continues)

    def adapt(self, error: ServerError) -> bool:
        """Change what a server did not accept; false where nothing can be changed.

        Raises ServerError where the beginning of a reply was not accepted.
        """
        if error.unsupported and error.unsupported not in self.unsupported:
            self.unsupported |= {error.unsupported}
        elif error.kind is TooLong and self.sampling.max_tokens > self.reserve:
            self.sampling = replace(self.sampling, max_tokens=self.reserve)
        elif error.refused and self.continues:
            raise final(error.reason, NoContinuation) from error
        elif error.refused and all(message.role == "system" for message in self.messages):
            self.messages = fold_system(self.messages)  # many templates need a message of a user
        else:
            return False
        return True

    def body(
        self, model: str, extra: Iterable[str] = (), thinking: bool | None = None
    ) -> dict[str, Any]:
        """The keyword arguments for `chat.completions.create`; every member's turn is an
        assistant's.

        extra: settings that OpenAI does not have. They are sent even where they do nothing, as
        temperature and top_p are: otherwise a server may use what came with the model.
        """
        sampling = self.sampling
        messages = fold_system(self.messages) if "system" in self.unsupported else self.messages
        limit = "max_completion_tokens" if "max_tokens" in self.unsupported else "max_tokens"
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            limit: sampling.max_tokens,
            "stream": True,
        }
        if sampling.stop and not thinking:  # it would end thoughts, too
            body["stop"] = list(sampling.stop)
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if "stream_options" not in self.unsupported:
            body["stream_options"] = {"include_usage": True}
        if more := self._beyond_openai(extra, thinking):
            body["extra_body"] = more
        return body

    def _beyond_openai(self, extra: Iterable[str], thinking: bool | None) -> dict[str, Any]:
        """The keys that are no part of OpenAI's API."""
        neutral = {name: NEUTRAL.get(name, 0) for name in sorted(extra)}
        more = {name: getattr(self.sampling, name) or neutral[name] for name in neutral}
        if self.continues:
            more |= CONTINUE
        if self.scope and "cache" not in self.unsupported:
            more |= separate_cache(self.scope)
        if "thinking" not in self.unsupported:
            more |= thinking_switch(thinking)
        return more


def _length(messages: Iterable[Message]) -> int:
    return sum(len(each.text.encode()) // BYTES_PER_TOKEN + TOKENS_AROUND for each in messages)
