"""Staying with the last writer: the hand-off rate as a dose.

One hand-off moved the success rate on Multi-IF by −8 to +13 points (arXiv 2603.03111), so how often
a blend hands off is worth setting apart from who its members are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from blend.conversation import Conversation
from blend.policies.policy import EPSILON, last_writer, with_floor


@dataclass(frozen=True, slots=True)
class Sticky:
    """The last writer goes on with the chance `stay`, else any other; or for `turns` replies.

    stay: P(last) = stay, each of the N - 1 others (1 - stay)/(N - 1); a hand-off has the chance
    1 - stay. Where it is None, the last writer goes on until it has written a multiple of `turns`
    replies in a row, and then all are drawn alike, itself among them; a hand-off has the chance
    (N - 1)/N of every `turns`-th reply. With turns = 1 that is uniform.

    Read from the history alone: undone and regenerated replies are not in it. The first reply is
    anybody's, and so is the next one where the last writer is down or not known. With an epsilon of
    0 and `turns` above 1, or a stay of 0 or 1, its log can judge no policy that draws otherwise.
    """

    name: ClassVar[str] = "sticky"
    reads_message: ClassVar[bool] = False
    stay: float | None = None
    turns: int = 1
    epsilon: float = EPSILON

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        last = last_writer(conversation)
        over = self.stay is None and run_length(conversation) % self.turns == 0
        if over or last not in members:
            return with_floor(dict.fromkeys(members, 1.0), self.epsilon)
        stay = 1.0 if self.stay is None else self.stay
        leave = (1 - stay) / max(len(members) - 1, 1)
        return with_floor({m: stay if m == last else leave for m in members}, self.epsilon)


def run_length(conversation: Conversation) -> int:
    """How many replies in a row the last writer has written; 0 where it is not known."""
    last, run = last_writer(conversation), 0
    for turn in reversed(conversation.turns):
        if last is None or (turn.has_reply and {*turn.writers} != {last}):
            break
        run += turn.has_reply
    return run
