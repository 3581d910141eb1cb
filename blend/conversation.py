"""The neutral history that all members share: what was said, and who was drawn to say it."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from blend.message import LONGEST_MESSAGE, Message, clean_message

LONGEST_REPLY = 64_000
"""Characters after which a reply ends, however many tokens its member may write."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Which member answers, and how likely that was.

    `chances` is the whole distribution the member was drawn from, so that another policy can be
    judged from the log later. `ahead` tells that the draw was made before the message was known.
    Where a panel answered nobody was drawn: the chance is None, and there are no chances.
    """

    member: str
    chance: float | None
    chances: Mapping[str, float]
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A part of a reply that is drawn anew for every sentence: its draw, and where it begins.

    It ends where the next one begins. The last one is empty where its member ended the reply.
    """

    draw: Draw
    start: int

    def row(self) -> dict[str, object]:
        """What is stored of it; `of_row` makes it again, but for `ahead`."""
        draw, chances = self.draw, dict(self.draw.chances)
        return {
            "start": self.start,
            "member": draw.member,
            "chance": draw.chance,
            "chances": chances,
        }

    @classmethod
    def of_row(cls, row: Mapping) -> "Sentence":
        """Raises KeyError where something is missing."""
        return cls(Draw(row["member"], row["chance"], row["chances"]), row["start"])


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply: read, found in the cache, written; and whole turns cut from the left.

    `finish` is "stop" where the member ended by itself and "length" where a limit ended it;
    it is empty while the reply is still growing.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cut_turns: int = 0
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A member's own reply to a message that a panel answered. picked: it became the reply."""

    member: str
    text: str
    usage: Usage = field(default_factory=Usage)
    picked: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """How a panel came to its reply. drafts: in the order in which the judge read them.

    how: "judged" where the judge picked one, "written" where it wrote the reply itself, "random"
    where it gave no answer that can be read, so that one was drawn, all alike; "only" where there
    was nothing to choose between.
    """

    judge: str
    drafts: tuple[Draft, ...]
    how: Literal["judged", "written", "random", "only"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A visitor's message and the reply to it, which grows while it streams.

    `finished` is true when the reply ended by itself or by its length; a reply that was stopped or
    that failed stays unfinished, and `error` then holds a sentence for the visitor. Times are in
    seconds from the moment the reply was asked for. `refused` is true where the error is about what
    was asked, and whoever asked can mend it. `thought` is what its member thought before it spoke:
    it is kept nowhere, judged by nobody, and read by no other member. `feedback` is 1 for a thumb
    up, -1 for one down; `feedback_reasons` tells why, by the keys of a roster's reasons.
    `sentences` are the parts of a reply that was drawn anew for every sentence, none where one
    member wrote it; `draw` is then that of the first one. `selection` is there where a panel
    answered; no model reads the other drafts later.
    """

    prompt: str
    reply: str = ""
    draw: Draw | None = None
    finished: bool = False
    error: str | None = None
    refused: bool = False
    ttft_s: float | None = None
    seconds: float | None = None
    usage: Usage = field(default_factory=Usage)
    id: str = field(default_factory=lambda: new_id())
    thought: str = ""
    feedback: int | None = None
    feedback_reasons: tuple[str, ...] = ()
    selection: Selection | None = None
    sentences: tuple[Sentence, ...] = ()

    @property
    def draws(self) -> tuple[Draw, ...]:
        """All draws of the reply, in their order."""
        return tuple(s.draw for s in self.sentences) or ((self.draw,) if self.draw else ())

    @property
    def parts(self) -> tuple[tuple[Draw, str], ...]:
        """What each draw wrote of the reply, in order: all of it, or a sentence, or nothing."""
        starts = [s.start for s in self.sentences] or [0]
        ends = [*starts[1:], len(self.reply)]
        texts = (self.reply[start:end] for start, end in zip(starts, ends, strict=True))
        return tuple(zip(self.draws, texts, strict=False))

    @property
    def writers(self) -> tuple[str, ...]:
        """Who wrote each sentence, or the whole reply; without who wrote nothing of it."""
        return tuple(draw.member for draw, text in self.parts if text.strip())

    @property
    def has_reply(self) -> bool:
        """Whether this turn left anything in the history: a turn that failed mute did not."""
        return bool(self.reply.strip())


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns so far, a system message, and the draw made ahead for the next reply, if any.

    beginning: what the next reply is to go on with. Where nothing was said but the system message,
    that is what is answered.
    """

    id: str = field(default_factory=lambda: new_id())
    system: str = ""
    turns: tuple[Turn, ...] = ()
    drawn: Draw | None = None
    beginning: str = ""

    def ask(self, text: str, longest: int = LONGEST_MESSAGE) -> "Conversation":
        """The same conversation with one more turn, waiting for its reply."""
        return replace(self, turns=(*self.turns, Turn(prompt=clean_message(text, longest))))

    def answered(self, turn: Turn) -> "Conversation":
        """The same conversation with its last turn in a newer state."""
        return replace(self, turns=(*self.turns[:-1], turn), drawn=None)

    def regenerate(self) -> "Conversation":
        """The last message asked again, without the draw made ahead: it followed the old reply."""
        return replace(
            self, turns=(*self.turns[:-1], Turn(prompt=self.turns[-1].prompt)), drawn=None
        )

    def undo(self) -> "Conversation":
        """The conversation without its last turn; the draw made ahead goes with it."""
        return replace(self, turns=self.turns[:-1], drawn=None)

    def messages(self) -> tuple[Message, ...]:
        """The shared history, oldest first. A last turn with no reply ends it with its prompt."""
        said = [Message("system", self.system)] if self.system else []
        for position, turn in enumerate(self.turns, start=1):
            if turn.has_reply:
                said += [Message("user", turn.prompt), Message("assistant", turn.reply)]
            elif position == len(self.turns) and turn.prompt:
                said.append(Message("user", turn.prompt))
        if self.beginning:
            said.append(Message("assistant", self.beginning))
        return tuple(said)


def new_id() -> str:
    """A random id that sorts by the time it was made (the layout of UUIDv7, RFC 9562)."""
    stamp = int(time.time() * 1000).to_bytes(6, "big")
    noise = uuid.uuid4().bytes[6:]
    return str(uuid.UUID(bytes=stamp + bytes([0x70 | noise[0] & 0x0F]) + noise[1:]))
