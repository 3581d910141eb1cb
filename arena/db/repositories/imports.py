"""Votes and replies that were made elsewhere, written by the hundred thousand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from arena.db.database import Database
from arena.db.import_rows import (
    BATTLE,
    REPLY,
    SIDES,
    VOTE,
    FinishedBattle,
    FinishedTurn,
    battle_row,
    reply_row,
    vote_row,
)
from arena.db.repositories.categories import Categories
from arena.db.repositories.contenders import Contenders
from arena.db.repositories.votes.machine_verdicts import MachineVerdicts
from arena.db.rows import PAGE
from arena.models import Contender

CACHE = 65_536
"""KB of the file that are kept in memory while votes come in."""

CHARACTERS = 20_000_000
"""Characters of conversations after which a page of battles ends."""


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
            while page := _page(stream):
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
                self._conversations(page)
                new += self.db.insert("battles", (*BATTLE, *SIDES), map(battle_row, page))
                self.db.insert("votes", VOTE, map(vote_row, page))
                Categories(self.db).tag_new([(b.id, b.first) for b in page if b.first is not None])
                if verdicts := [(b.id, b.verdict) for b in page if b.verdict]:
                    MachineVerdicts(self.db).add(verdicts)
                self._reasons(page)
        return new

    def _conversations(self, page: Sequence[FinishedBattle]) -> None:
        """What was said in battles that are new: a battle that is here has what it has."""
        sides = [(b, *side) for b in page if b.sides for side in zip(b.sides, b[2:4], strict=True)]
        self.db.executemany(
            "INSERT INTO conversations (id, visitor, contender, kind, system, created)"
            " SELECT ?1, ?2, ?3, 'battle', ?4, ?5 WHERE NOT EXISTS"
            " (SELECT 1 FROM battles WHERE id = ?6) ON CONFLICT (id) DO NOTHING",
            [(c.id, b.visitor, who.id, c.system, b.created, b.id) for b, c, who in sides],
        )
        columns, marks = ", ".join(REPLY), ", ".join("?" * len(REPLY))
        self.db.executemany(
            f"INSERT INTO turns ({columns}) SELECT {marks}"
            " WHERE EXISTS (SELECT 1 FROM conversations WHERE id = ?2) ON CONFLICT DO NOTHING",
            (
                reply_row(FinishedTurn(c.id, position, turn, None, b.created))
                for b, c, _ in sides
                for position, turn in enumerate(c.turns)
            ),
        )

    def _reasons(self, page: Iterable[FinishedBattle]) -> None:
        """Why visitors voted so, once their votes are there."""
        reasons = [(b.id, *reason, 1, b.created) for b in page for reason in b.reasons]
        if reasons:
            columns = ("battle", "kind", "side", "reason", "given", "changed")
            self.db.insert("vote_reasons", columns, reasons)
        comments = [(b.id, b.comment, b.created) for b in page if b.comment]
        if comments:
            self.db.insert("vote_comments", ("battle", "comment", "changed"), comments)

    def simulated(
        self,
        contenders: Iterable[Contender],
        visitors: Iterable[tuple[str, float]],
        pages: Iterable[tuple[Iterable[tuple], Iterable[tuple]]],
    ) -> None:
        """Write made-up battles and their votes, all of them or none.

        visitors: ids, and when each was first seen. pages: rows as BATTLE and as VOTE.
        """
        with self.db.transaction():
            Contenders(self.db).add_missing(contenders)
            self.db.insert("visitors", ("id", "first_seen"), visitors)
            for battles, votes in pages:
                self.db.insert("battles", BATTLE, battles)
                self.db.insert("votes", VOTE, votes)

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
                self.db.insert("turns", REPLY, map(reply_row, page))
            yield len(page)


def _page(stream: Iterator[FinishedBattle]) -> list[FinishedBattle]:
    """The next battles: a page, or fewer where much was said in them."""
    page, characters = [], 0
    while len(page) < PAGE and characters < CHARACTERS and (battle := next(stream, None)):
        page.append(battle)
        turns = (turn for side in battle.sides or () for turn in side.turns)
        characters += sum(len(turn.prompt) + len(turn.reply) for turn in turns)
    return page
