"""Pairs of a better and a worse reply to one prompt, as TRL's DPO and reward trainers load them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from arena.db.repositories.votes.judgements import JudgedVote
from arena.exchange.datasets.left_out import APART, BOTH_BAD, EMPTY, NO_TEXTS, SAME, TIE
from arena.exchange.datasets.messages import (
    Message,
    has_end,
    message_list,
    messages,
    split_shared,
)

if TYPE_CHECKING:
    from pyarrow import Schema

PAIR = {
    "prompt": "What both replies answer: the messages that the two sides have in common, the"
    " visitor's last one at the end; each with `role` and `content`.",
    "chosen": "What the side that won says to it.",
    "rejected": "What the side that lost says to it.",
}

MARGIN = {
    "margin": "How far the winner's rating is above the loser's, in log-odds (natural logarithm;"
    " 400 points of the board are 2.303): below zero where the weaker one won."
}


def preference_schema(margin: bool) -> "Schema":
    """The columns of PAIR, and that of MARGIN where it is asked for."""
    import pyarrow

    pair = [(name, message_list()) for name in PAIR]
    return pyarrow.schema([*pair, *([("margin", pyarrow.float64())] if margin else [])])


def preference_rows(
    votes: Iterable[JudgedVote],
    left_out: Counter[str],
    both_ways: bool,
    whole: bool,
    strengths: Mapping[str, float] | None = None,
) -> Iterator[dict[str, object]]:
    """A row for each vote that says which side is better; the others go into `left_out`.

    both_ways: a tie is two rows, in which each side wins once. whole: where the sides parted before
    their last reply, all that follows is in `chosen` and `rejected`, the visitor's later messages
    too. strengths: in log-odds by contender id, where the rows are to have their difference.
    """
    for vote in votes:
        sides, why = _pair(vote, both_ways, whole)
        if why:
            left_out[why] += 1
            continue
        shared, left, right = sides
        ends = {"left": (left, vote.left), "right": (right, vote.right)}
        for winner, loser in (("left", "right"), ("right", "left")):
            if vote.choice in (winner, "tie"):
                (chosen, better), (rejected, worse) = ends[winner], ends[loser]
                row = {"prompt": shared, "chosen": chosen, "rejected": rejected}
                if strengths is not None:
                    row["margin"] = strengths[better] - strengths[worse]
                yield row


def _pair(
    vote: JudgedVote, both_ways: bool, whole: bool
) -> tuple[tuple[Sequence[Message], ...], str]:
    """The two sides of a vote, see `split_shared`; or why there is no row of it."""
    if vote.choice == "both_bad":
        return (), BOTH_BAD
    if vote.choice == "tie" and not both_ways:
        return (), TIE
    if not vote.texts:
        return (), NO_TEXTS
    if not all(map(has_end, vote.texts)):
        return (), EMPTY
    shared, left, right = split_shared(*map(messages, vote.texts))
    if not left and not right:
        return (), SAME
    asked = bool(shared) and shared[-1]["role"] == "user"
    if not asked or (not whole and max(len(left), len(right)) > 1):
        return (), APART
    return (shared, left, right), ""
