"""What a page holds of a battle: who fights, what was said, how it stands, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from arena.db.repositories.votes.visitor_votes import VoteTally
from arena.models import INCOMPLETE, Reveal, Side, VoteNotes
from blend.conversation import Conversation

SIDES: tuple[Side, Side] = ("left", "right")
LETTERS: Mapping[Side, str] = {"left": "A", "right": "B"}
"""What the page calls them."""

RatingChange = Mapping[str, tuple[float, float]]
"""Rating before and after a vote by contender id: left's, then right's."""


@dataclass(frozen=True, slots=True)
class SideFacts:
    """A side's members, and what its replies in this battle took.

    members: how many weights each has, None where that is not known. authors: who wrote each reply,
    all of them where sentences were drawn. tokens: that were written, None where nobody counted
    them. first_token: seconds to the first token of a reply, on average. speed: tokens a second, of
    the whole time that the replies took.
    """

    members: Mapping[str, int | None] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    tokens: int | None = None
    first_token: float | None = None
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class BattleView:
    """One battle as its page needs it. It stays on the server: it tells who fights.

    contenders: ids. names: theirs, where the visitor chose them and sees them from the start.
    status: as in the database (created, streaming, ready, voted, void). retry: whether those who
    did not finish may be asked once more. leaked: whether a reply told who wrote it. elsewhere:
    whether another window is writing it. rating_change: what its vote did. tally: the visitor's
    votes with this one, known only where the vote came on this page. waiting: whether its last
    message waits for the replies to begin. note: the name of the text that is said of it.
    without_texts: whether its texts are stored nowhere, so that its turns here are empty. notes:
    what the visitor has said of their vote. facts: of both sides, once the vote is in.
    """

    battle: str
    visitor: str
    contenders: dict[Side, str]
    conversations: dict[Side, Conversation]
    status: str = "created"
    retry: bool = False
    leaked: bool = False
    elsewhere: bool = False
    reveal: Reveal | None = None
    rating_change: RatingChange = field(default_factory=dict)
    tally: VoteTally | None = None
    waiting: bool = False
    note: str = ""
    without_texts: bool = False
    names: Mapping[Side, str] = field(default_factory=dict)
    notes: VoteNotes = field(default_factory=VoteNotes)
    facts: Mapping[Side, SideFacts] = field(default_factory=dict)

    @property
    def named(self) -> bool:
        """Whether the names are in view from the start: then its vote is never counted."""
        return bool(self.names)

    @property
    def turns(self) -> int:
        """How many messages the visitor has sent in this battle."""
        return len(self.conversations["left"].turns)

    @property
    def over(self) -> bool:
        """Whether nothing more can be said or voted; a side may still be asked once more."""
        return self.status in ("voted", "void")

    @property
    def answered(self) -> str:
        """The visitor's last message where both sides have answered it; else an empty text."""
        last = self.conversations["left"].turns[-1:]
        return last[0].prompt if last and self.status in ("ready", "voted") else ""

    @property
    def unfinished(self) -> tuple[Side, ...]:
        """The sides whose last reply did not come to its end."""
        last = {side: self.conversations[side].turns[-1:] for side in SIDES}
        return tuple(side for side in SIDES if last[side] and not last[side][0].finished)

    def pending(self, text: str | None = None) -> "BattleView":
        """As it looks until the first words of the replies to a text come; without one, until those
        come who did not finish and are asked again."""
        if text is None:
            pending = {side: self.conversations[side].regenerate() for side in self.unfinished}
        else:
            pending = {side: c.ask(text, len(text)) for side, c in self.conversations.items()}
        conversations = self.conversations | pending
        begun = {"conversations": conversations, "status": "streaming", "waiting": True}
        return replace(self, **begun, retry=False, note="")


def why_void(view: BattleView, reason: str | None, retry: bool) -> str:
    """What a visitor is told of a battle that is void, by its name among the texts."""
    if reason != INCOMPLETE:
        return "battle.skipped"
    both = len(view.unfinished) == 2
    failed = "both" if both else "a" if "left" in view.unfinished else "b"
    return f"battle.failed_{failed}" if retry else f"battle.void_{failed}"
