"""Votes and replies that were made elsewhere, written by the hundred thousand."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from arena.db.database import Database
from arena.db.repositories.contenders import Contenders
from arena.db.rows import PAGE, STYLE
from arena.db.turn_features import features
from arena.models import Choice, Contender, ReasonKind, Side, Source
from blend.conversation import Turn

CACHE = 65_536
"""KB of the file that are kept in memory while votes come in."""

BATTLE = (
    *("id", "visitor", "left", "right", "pair_chance", "policy", "turns", "prompt_hash"),
    *("language", "source", "created", "status"),
)
VOTE = (
    *("battle", "choice", "created", "counted", "reason", "rules"),
    *("waited", "watched", "shorter", "prompt_characters", *STYLE),
)

REPLY = (
    *("id", "conversation", "position", "prompt", "reply", "member", "chance", "chances", "ahead"),
    *("finished", "seconds", "features", "feedback", "opened", "closed"),
)


class FinishedBattle(NamedTuple):
    """A battle that was fought and voted on elsewhere; a tuple, for there may be a million.

    created: seconds since 1970, of the vote. reason: why it does not count; empty where it does.
    rules: what decided that. turns: messages, 0 where that is not known. prompt_characters: of the
    first. style: what `arena.ranking.style` compares, of all replies of the left side, then of the
    right. reasons, comment: why the visitor voted so.
    """

    id: str
    visitor: str
    left: Contender
    right: Contender
    choice: Choice
    created: float
    source: Source
    policy: str
    rules: str
    turns: int = 0
    language: str | None = None
    pair_chance: float | None = None
    reason: str = ""
    prompt_characters: int | None = None
    style: tuple[int, ...] | None = None
    reasons: tuple[tuple[ReasonKind, Side, str], ...] = ()
    comment: str | None = None


class FinishedTurn(NamedTuple):
    """A finished turn of a chat that is written whole. thumb: 1, -1 or None; created: seconds since
    1970."""

    conversation: str
    position: int
    turn: Turn
    thumb: int | None
    created: float


@dataclass(frozen=True, slots=True)
class Imports:
    """Writes rows that are whole. A row whose id is there already stays as it is."""

    db: Database

    def battles(self, battles: Iterable[FinishedBattle]) -> int:
        """Write battles with their contenders, visitors and votes; how many battles are new.

        All or nothing: `battles` may be a stream, and what it raises undoes everything.
        """
        stream, new = iter(battles), 0
        # Ids that come in no order touch pages all over the file.
        self.db.query(f"PRAGMA cache_size = {-CACHE}")
        with self.db.transaction():
            while page := list(islice(stream, PAGE)):
                Contenders(self.db).add_missing(
                    {each.id: each for b in page for each in (b.left, b.right)}.values()
                )
                # A file may be brought in again with its visitors under other pseudonyms: they get
                # no row.
                self.db.executemany(
                    "INSERT INTO visitors (id, first_seen) SELECT ?1, ?2 WHERE NOT EXISTS"
                    " (SELECT 1 FROM battles WHERE id = ?3) ON CONFLICT (id) DO NOTHING",
                    [(b.visitor, b.created, b.id) for b in page],
                )
                new += self.pages([(map(_battle, page), map(_vote, page))])
                self._reasons(page)
        return new

    def _reasons(self, page: Iterable[FinishedBattle]) -> None:
        """Why visitors voted so, once their votes are there."""
        reasons = [(b.id, *reason, 1, b.created) for b in page for reason in b.reasons]
        if reasons:
            columns = ("battle", "kind", "side", "reason", "given", "changed")
            self.db.insert("vote_reasons", columns, reasons)
        comments = [(b.id, b.comment, b.created) for b in page if b.comment]
        if comments:
            self.db.insert("vote_comments", ("battle", "comment", "changed"), comments)

    def pages(self, pages: Iterable[tuple[Iterable[tuple], Iterable[tuple]]]) -> int:
        """Write battles and their votes, rows as BATTLE and VOTE, all of them or none; how many
        battles are new."""
        new = 0
        with self.db.transaction():
            for battles, votes in pages:
                new += self.db.insert("battles", BATTLE, battles)
                self.db.insert("votes", VOTE, votes)
        return new

    def simulated(
        self,
        contenders: Iterable[Contender],
        visitors: Iterable[tuple[str, float]],
        pages: Iterable[tuple[Iterable[tuple], Iterable[tuple]]],
    ) -> None:
        """Write made-up battles as for `pages`; visitors: ids, and when each was first seen."""
        with self.db.transaction():
            Contenders(self.db).add_missing(contenders)
            self.db.insert("visitors", ("id", "first_seen"), visitors)
            self.pages(pages)

    def replies(
        self, replies: Iterable[FinishedTurn], visitor: str, contender: str
    ) -> Iterator[int]:
        """Write replies of chats, a page at a time; how many each page was. Visits are not counted.

        visitor, contender: ids that are known. What was written by then stays when it is stopped.
        """
        stream = iter(replies)
        columns = ("id", "visitor", "contender", "kind", "system", "created")
        while page := list(islice(stream, PAGE)):
            with self.db.transaction():
                talks = [(r.conversation, visitor, contender, "chat", "", r.created) for r in page]
                self.db.insert("conversations", columns, talks)
                self.db.insert("turns", REPLY, map(_reply, page))
            yield len(page)


def _battle(of: FinishedBattle) -> tuple:
    left, right, kind = of.left.id, of.right.id, (of.source, of.created, "voted")
    drawn = of.pair_chance, of.policy
    return of.id, of.visitor, left, right, *drawn, of.turns, None, of.language, *kind


def _vote(of: FinishedBattle) -> tuple:
    verdict = of.id, of.choice, of.created, not of.reason, of.reason, of.rules
    style = of.style or [None] * len(STYLE)
    return *verdict, None, None, None, of.prompt_characters, *style


def _reply(of: FinishedTurn) -> tuple:
    turn, draw = of.turn, of.turn.draw
    texts = turn.prompt, turn.reply
    drawn = draw.member, draw.chance, json.dumps(dict(draw.chances)), draw.ahead
    noted = json.dumps(features(*texts))
    times = of.created, of.created + (turn.seconds or 0.0)
    ended = turn.finished, turn.seconds, noted, of.thumb
    return turn.id, of.conversation, of.position, *texts, *drawn, *ended, *times
