"""A visitor's last votes: when, between whom, what they chose, and what it changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from arena.db.repositories.votes.visitor_votes import VisitorVote
from arena.pages.votes.text import reason
from arena.texts import Texts

SHOWN = 20
"""The last votes that the page lists."""


@dataclass(frozen=True, slots=True)
class PastVote:
    """One vote as the list shows it. changes: a text for each side, or why there is none."""

    when: str
    choice: str
    changes: tuple[str, ...]
    counted: bool


def past_vote(vote: VisitorVote, names: Mapping[str, str], texts: Texts) -> PastVote:
    """A vote in words. names: of contenders by id."""
    left, right = (names.get(id, id) for id in (vote.left, vote.right))
    return PastVote(
        when=texts.moment(vote.created),
        choice=_choice(vote, left, right, texts),
        changes=_changes(vote, left, right, texts),
        counted=vote.counted,
    )


def _choice(vote: VisitorVote, left: str, right: str, texts: Texts) -> str:
    if vote.choice in ("left", "right"):
        winner, loser = (left, right) if vote.choice == "left" else (right, left)
        return texts("votes.over", winner=winner, loser=loser)
    return texts("votes.tie" if vote.choice == "tie" else "votes.neither", left=left, right=right)


def _changes(vote: VisitorVote, left: str, right: str, texts: Texts) -> tuple[str, ...]:
    if not vote.counted:
        why = " ".join(reason(code, texts) for code in vote.reason.split(", ") if code)
        return (texts("votes.not_counted_why", why=why).rstrip(),)
    if vote.change is None:
        return (texts("votes.unknown_change"),)
    sides = [*zip((left, right), vote.change, strict=True)]
    if vote.choice == "right":
        sides.reverse()  # the winner first
    return tuple(_moved(name, before, after, texts) for name, (before, after) in sides)


def _moved(name: str, before: float, after: float, texts: Texts) -> str:
    was, now = round(before), round(after)
    if was == now:
        return texts("votes.unmoved", name=name, before=was)
    return texts("votes.moved", name=name, before=was, after=now)
