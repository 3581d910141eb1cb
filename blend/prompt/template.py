"""Neutral history to token ids for one member, and the window that they must fit.

Control tokens come from the chat template's own text alone, and what stands between two of them is
encoded as one text. These are the ids of `apply_chat_template`, but where a content holds a control
token's text, and where a template looks into a content.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile

from blend.errors import TooLong
from blend.message import Message
from blend.prompt.chat_template import ChatTemplate
from blend.prompt.encoder import Encoder
from blend.prompt.length import Length
from blend.prompt.turns import flatten, split_turns, truncate_turns

TAIL = 8
"""Ids of a reply's beginning that are decoded with what goes on with it."""
SIGNS = 16
"""Characters of a token at most, in text of any length; runs of spaces apart."""
AFTER = ("a", "1", ".", "\n")
"""What the next message may begin with, as far as a tokenizer cares."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a member reads: the ids, and how many whole turns were cut from the left to fit.

    beginning: the last ids of a reply that is to be gone on with; empty where it begins anew.
    """

    ids: tuple[int, ...]
    cut_turns: int = 0
    beginning: tuple[int, ...] = ()


class Template:
    """One member's way to write a conversation: its vocabulary, its chat template, its window.

    control: the ids that steer the model. stop: the strings that end a reply, whatever is asked for
    beside them. opening: the template's own text that opens a reply.
    """

    def __init__(self, member: str, encoder: Encoder, layout: ChatTemplate, window: int):
        self.member = member
        self.window = window
        self._layout = layout
        self._encoder = encoder
        self.chat = layout.chat
        self.stop = layout.stop
        self.opening = layout.opening
        self.control = encoder.control
        self._fixed = lru_cache(256)(self._measure_fixed)
        # The template's tokens around one content: half of those of a question and its answer.
        turn = [Message("user", "?"), Message("assistant", "!")]
        contents = sum(encoder.length(message.text) for message in turn)
        once, twice = (len(self._encode(turn * n, False)) for n in (1, 2))
        self._marks = (twice - once - contents + 1) // 2

    @property
    def identity(self) -> str:
        """The same for two that write alike: the chat template, and whose system text it is."""
        return f"{self.chat}\0empty system" if self._layout.empties_system else self.chat

    def prompt(self, messages: Sequence[Message], max_tokens: int) -> Prompt:
        """The ids to answer, with `max_tokens` of the window left for the reply.

        Raises MemberError where the last message alone is too long, or the template refuses.
        """
        system, turns = split_turns(messages)
        start, room = self._first_turn(system, turns, turns, max_tokens)
        while True:
            ids = self._encode([*system, *flatten(turns[start:])], True)
            if len(ids) <= room:
                begun = bool(messages) and messages[-1].role == "assistant"
                return Prompt(tuple(ids), start, tuple(ids[-TAIL:]) if begun else ())
            if start >= len(turns) - 1:
                what = "the message, with the system message," if system else "the message"
                reason = f"{what} is too long: {len(ids):,} tokens where {room:,} fit; shorten it"
                raise TooLong(self.member, reason)
            start += 1  # a template may write a message longer than the estimate

    def bounded(
        self, messages: Sequence[Message], max_tokens: int, usual: int
    ) -> tuple[Prompt, int]:
        """The ids to answer, and how many of `max_tokens` the window then has for the reply.

        usual: what replies have at most where nobody asks for more. Old turns make room for so
        many, and no more. Raises as `prompt` does.
        """
        prompt = self.prompt(messages, self.reserve(max_tokens, usual))
        return prompt, min(max_tokens, self.window - len(prompt.ids))

    def reserve(self, max_tokens: int, usual: int) -> int:
        """The tokens of the window that are kept for a reply; see `bounded`."""
        return min(max_tokens, usual, self.window // 2)

    def measure(self, messages: Sequence[Message], max_tokens: int, usual: int) -> Length:
        """How long the last message is, and how long it may be; arguments as for `bounded`.

        Of a text that is longer than any that fits, only the beginning is encoded.
        """
        system, turns = split_turns(messages)
        before, last = (system, turns[-1]) if turns else (system[:-1], system[-1:])
        room = self.window - self.reserve(max_tokens, usual)
        most = SIGNS * self.window
        short, head = ([replace(m, text=m.text[:most]) for m in part] for part in (last, before))
        length = self._measure(head, short, room)
        written, read = (sum(len(m.text) for m in part) for part in (last, short))
        if read == written:
            return length
        if length.tokens <= length.room:
            return self._measure(head, last, room)
        return replace(length, tokens=length.tokens * written // read)

    def prefix(self, messages: Sequence[Message], max_tokens: int) -> Prompt:
        """The ids with which the next prompt begins, unless the next message is very long."""
        system, turns = split_turns(messages)
        start, room = self._first_turn(system, turns, [*turns, []], max_tokens)
        if start == len(turns):
            return Prompt((), start)
        pieces = self._layout.pieces_before_next([*system, *flatten(turns[start:])])
        # The last ids of a piece may be others with a text after it: it is read with several.
        *before, (own, _) = pieces
        read = [self._encoder.encode([*before, (own, after)]) for after in AFTER]
        common = takewhile(lambda ids: len({*ids}) == 1, zip(*read, strict=False))
        return Prompt(tuple(ids[0] for ids in common)[:room], start)

    def whole(self, messages: Sequence[Message]) -> list[int]:
        """The ids of all messages, however many they are, and nothing after the last."""
        return self._encode(messages, False)

    def reply(self, messages: Sequence[Message]) -> list[int]:
        """The ids of the last message's text after the others, and of what is written after it."""
        *before, (own, content), (after, _) = self._layout.pieces(messages, False)
        opened = self._encoder.encode([*before, (own, "")])
        return self._encoder.encode([("", content), (after, "")], goes_on=bool(opened))

    def _first_turn(
        self, system: list[Message], turns: list, questions: list, max_tokens: int
    ) -> tuple[int, int]:
        """The first turn to keep, and the room for the prompt."""
        room = self.window - max_tokens
        if room <= 0:
            reason = f"max_tokens {max_tokens:,} leaves nothing of its window of {self.window:,}"
            raise TooLong(self.member, reason)
        fixed = self._fixed(tuple(system))
        lengths = [self._length(turn) for turn in turns]
        return truncate_turns(
            lengths, [self._length(turn[:1]) for turn in questions], fixed, room
        ), room

    def _measure(self, system: list[Message], last: list[Message], room: int) -> Length:
        tokens = sum(self._encoder.length(message.text) for message in last)
        around = len(self._encode([*system, *last], True)) - tokens
        return Length(tokens, room - around, bool(system))

    def _length(self, turn: Sequence[Message]) -> int:
        return sum(self._encoder.length(message.text) + self._marks for message in turn)

    def _measure_fixed(self, system: tuple[Message, ...]) -> int:
        """The tokens that are there however many turns are cut."""
        probe = Message("user", "?")
        return len(self._encode([*system, probe], True)) - self._length([probe])

    def _encode(self, messages: Sequence[Message], answer: bool) -> list[int]:
        if answer and messages and messages[-1].role == "assistant":
            if messages[-1].text.strip():
                return self._encoder.encode(self._layout.pieces_of_begun(messages))
            messages = messages[:-1]  # white space begins no reply
        return self._encoder.encode(self._layout.pieces(messages, answer))
