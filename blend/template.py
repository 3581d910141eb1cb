"""Neutral history to token ids for one member, and token ids back to text as they come.

What a visitor types is text: the chat template is rendered over placeholders, its own pieces are
encoded with their control tokens, every content apart and without any, and the ids are joined. For
ordinary text these are the ids of `apply_chat_template`. They differ where a tokenizer merges over
the border of template and content (a content that ends in a letter before a template that goes on
with one) or puts a space before every text it is given, and where a template looks into a content:
it sees a placeholder.
"""

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from blend.conversation import Message
from blend.members import MemberError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Private-use characters: no template writes them, and no filter for case or space touches them.
PLACE = "\ue000{}\ue001"
PLACES = re.compile("( *)\ue000(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a member reads: the ids, and how many whole turns were cut from the left to fit."""

    ids: tuple[int, ...]
    cut_turns: int = 0


class Template:
    """One member's way to write a conversation: its tokenizer, its chat template, its window.

    chat: a Jinja chat template to use in place of the tokenizer's own. A template that refuses or
    drops a system message gets its text at the head of the first message.
    """

    def __init__(
        self,
        member: str,
        tokenizer: "PreTrainedTokenizerBase",
        window: int,
        chat: str | None = None,
    ):
        self.member = member
        self.window = window
        self.chat = chat or tokenizer.chat_template
        if not self.chat:
            raise MemberError(member, "its tokenizer has no chat template: give it one")
        self._tokenizer = tokenizer
        # Splitting special tokens is a state of the tokenizer, not of the call: without the lock
        # another thread's call could have a visitor's text encoded as control tokens.
        self._lock = threading.Lock()
        markers = _markers(tokenizer)
        self.control = frozenset(markers.values())
        longest_first = sorted(markers, key=len, reverse=True)
        self._marker = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
        # A history comes again with every turn; a call of the tokenizer costs a fifth of a
        # millisecond, so a long one encoded anew would cost more than its cached prefix saves.
        self._plain = lru_cache(4096)(self._encode_plain)
        self._control = lru_cache(256)(self._encode_control)
        self._fixed = lru_cache(256)(self._measure_fixed)
        self._takes_system = self._keeps_system()
        self._marks = self._marks_of_a_message()

    def prompt(self, messages: Sequence[Message], max_tokens: int) -> Prompt:
        """The ids to answer, with `max_tokens` of the window left for the reply.

        Raises MemberError where the last message alone is too long, or the template refuses.
        """
        system, turns = _turns(messages)
        start, room = self._start(system, turns, turns, max_tokens)
        while True:
            ids = self._encode([*system, *_joined(turns[start:])], True)
            if len(ids) <= room:
                return Prompt(tuple(ids), start)
            if start >= len(turns) - 1:
                what = "the message, with the system message," if system else "the message"
                reason = f"{what} is too long: {len(ids):,} tokens where {room:,} fit; shorten it"
                raise MemberError(self.member, reason)
            start += 1  # a template may write a message longer than the estimate

    def prefix(self, messages: Sequence[Message], max_tokens: int) -> Prompt:
        """The ids with which the next prompt begins, unless the next message is very long."""
        system, turns = _turns(messages)
        start, room = self._start(system, turns, [*turns, []], max_tokens)
        if start == len(turns):
            return Prompt((), start)
        ids = self._encode([*system, *_joined(turns[start:])], False)
        return Prompt(tuple(ids[:room]), start)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, control tokens left out."""
        return self._tokenizer.decode(
            list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def _start(
        self, system: list[Message], turns: list, asked: list, max_tokens: int
    ) -> tuple[int, int]:
        """The first turn to keep, and the room for the prompt."""
        room = self.window - max_tokens
        if room <= 0:
            reason = f"max_tokens {max_tokens:,} leaves nothing of its window of {self.window:,}"
            raise MemberError(self.member, reason)
        fixed = self._fixed(tuple(system))
        lengths = [self._length(turn) for turn in turns]
        return cut(lengths, [self._length(turn[:1]) for turn in asked], fixed, room), room

    def _length(self, turn: Sequence[Message]) -> int:
        return sum(len(self._plain(message.text)) + self._marks for message in turn)

    def _measure_fixed(self, system: tuple[Message, ...]) -> int:
        """The tokens that are there however many turns are cut."""
        probe = Message("user", "?")
        return len(self._encode([*system, probe], True)) - self._length([probe])

    def _marks_of_a_message(self) -> int:
        """The template's tokens around one content: half of those of a question and its answer."""
        turn = [Message("user", "?"), Message("assistant", "!")]
        contents = sum(len(self._plain(message.text)) for message in turn)
        once, twice = (len(self._encode(turn * n, False)) for n in (1, 2))
        return (twice - once - contents + 1) // 2

    def _encode(self, messages: Sequence[Message], answer: bool) -> list[int]:
        if not self._takes_system:
            messages = _folded(messages)
        ids: list[int] = []
        at, rendered = 0, self._render(messages, answer)
        for found in PLACES.finditer(rendered):
            ids += self._control(rendered[at : found.start()])
            # Spaces before a content belong to its first word, as they would in the whole text.
            ids += self._plain(found[1] + messages[int(found[2])].text.strip())
            at = found.end()
        return ids + self._control(rendered[at:])

    def _render(self, messages: Sequence[Message], answer: bool) -> str:
        from jinja2 import TemplateError

        entries = []
        for place, message in enumerate(messages):
            # The outer white space goes through the template, which may trim it.
            core = message.text.strip()
            lead, _, tail = message.text.partition(core) if core else (message.text, "", "")
            text = lead + (PLACE.format(place) if core else "") + tail
            entries.append({"role": message.role, "content": text})
        try:
            return self._tokenizer.apply_chat_template(
                entries, chat_template=self.chat, tokenize=False, add_generation_prompt=answer
            )
        except (TemplateError, TypeError, ValueError) as error:
            reason = f"its chat template refuses the conversation: {error}"
            raise MemberError(self.member, reason) from error

    def _keeps_system(self) -> bool:
        probe = [Message("system", "s"), Message("user", "u")]
        try:
            return PLACE.format(0) in self._render(probe, True)
        except MemberError:
            return False

    def _encode_control(self, text: str) -> list[int]:
        with self._lock:
            return self._tokenizer(
                text, add_special_tokens=False, split_special_tokens=False, verbose=False
            ).input_ids

    def _encode_plain(self, text: str) -> list[int]:
        with self._lock:
            ids = self._split(text)
            if self.control.isdisjoint(ids):
                return ids
            # Markers that are no "special" tokens are matched all the same: break each in two.
            breaks = [0, *(m.start() + 1 for m in self._marker.finditer(text)), len(text)]
            ids = [i for a, b in pairwise(breaks) for i in self._split(text[a:b])]
            return [i for i in ids if i not in self.control]

    def _split(self, text: str) -> list[int]:
        return self._tokenizer(
            text, add_special_tokens=False, split_special_tokens=True, verbose=False
        ).input_ids


class Text:
    """The text of a reply whose tokens arrive one by one; only what is certain is given out.

    Held back: an unfinished UTF-8 character, and an ending that a stop string may begin with. What
    follows a stop string is dropped, the stop string too, and `stopped` is then true.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], stop: Sequence[str] = ()):
        self.stopped = False
        self._decode = decode
        self._stop = tuple(filter(None, stop))
        self._ids: list[int] = []
        # Two marks where the text was whole: decoding starts at the elder, because some tokenizers
        # write the first word of a text without the space before it.
        self._elder = self._newer = 0
        self._shown = 0
        self._held = ""

    def add(self, ids: Iterable[int]) -> str:
        """The new text that these ids make certain; often empty."""
        self._ids += ids
        text = self._decode(self._ids[self._elder :])
        # One character has at most four bytes: three signs for its missing rest, and no more.
        whole = text[:-3] + text[-3:].rstrip("\ufffd")
        fresh, self._shown = whole[self._shown :], max(self._shown, len(whole))
        if whole == text and text:
            self._elder, self._newer = self._newer, len(self._ids)
            self._shown = len(self._decode(self._ids[self._elder :]))
        return self._certain(self._held + fresh)

    def end(self) -> str:
        """What was held back and turned out to be text, once no more ids will come."""
        rest, self._held = self._held, ""
        return "" if self.stopped else rest

    def _certain(self, text: str) -> str:
        if self.stopped:
            return ""
        ends = [at for at in map(text.find, self._stop) if at >= 0]
        if ends:
            self.stopped, self._held = True, ""
            return text[: min(ends)]
        held = max((_overlap(text, stop) for stop in self._stop), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]


def cut(lengths: Sequence[int], asked: Sequence[int], fixed: int, room: int) -> int:
    """How many of the oldest turns to leave out, so that the rest fits into `room` tokens.

    lengths: tokens of each turn. asked: tokens of the message that opened it. The history is walked
    from its beginning, and whenever it comes near the room it is cut down to half of it: the answer
    depends on the history alone and stays the same for several turns, which keeps a cached prefix
    valid. An eighth of the room is kept for the message, so that a cut is known before it comes.
    """
    start, total = 0, [0, *accumulate(lengths)]
    for now, message in enumerate(asked):
        past = fixed + total[now] - total[start]
        if past <= room - room // 8 and past + message <= room:
            continue
        while start < now and (past > room // 2 or past + message > room):
            start += 1
            past = fixed + total[now] - total[start]
    return start


def _markers(tokenizer: "PreTrainedTokenizerBase") -> dict[str, int]:
    """The tokens that steer a model: all that were added to the vocabulary, white space apart."""
    markers = {token.content: i for i, token in tokenizer.added_tokens_decoder.items()}
    markers |= dict(zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True))
    if tokenizer.unk_token_id not in (tokenizer.eos_token_id, tokenizer.bos_token_id):
        markers.pop(tokenizer.unk_token, None)  # stands for signs that it does not know
    return {text: i for text, i in markers.items() if text.strip()}


def _turns(messages: Sequence[Message]) -> tuple[list[Message], list[list[Message]]]:
    """The system messages, and the others in turns, each opened by a user's message."""
    turns: list[list[Message]] = []
    for message in messages:
        if message.role != "system":
            if message.role == "user" or not turns:
                turns.append([])
            turns[-1].append(message)
    return [message for message in messages if message.role == "system"], turns


def _joined(turns: Iterable[Sequence[Message]]) -> list[Message]:
    return [message for turn in turns for message in turn]


def _folded(messages: Sequence[Message]) -> list[Message]:
    """The same without system messages: their text opens the first user's message."""
    system = [message.text for message in messages if message.role == "system"]
    rest = [message for message in messages if message.role != "system"]
    if not system:
        return rest
    opening = [rest.pop(0).text] if rest and rest[0].role == "user" else []
    return [Message("user", "\n\n".join(system + opening)), *rest]


def _overlap(text: str, stop: str) -> int:
    """The length of the longest ending of `text` that a longer `stop` begins with."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
