"""Votes by the hundred thousand: streamed out of the database, and finished battles written in."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from arena.database import Database
from arena.features import features
from arena.records import Choice, Contender, Source
from arena.style import MARKS
from blend.conversation import Turn

PAGE = 10_000
"""Rows that are held at a time."""

CACHE = 65_536
"""KB of the file that are kept in memory while votes come in."""

TURNS = """
    SELECT t.rowid, t.id, t.conversation, t.position, c.kind, c.visitor, c.contender,
        coalesce(l.id, r.id) AS battle,
        CASE WHEN l.id IS NOT NULL THEN 'left' WHEN r.id IS NOT NULL THEN 'right' END AS side,
        t.member, t.chance, t.chances, t.ahead, t.finished, t.finish,
        t.error IS NOT NULL AS failed, t.ttft_s, t.seconds, t.prompt_tokens, t.cached_tokens,
        t.completion_tokens, t.cut_turns, t.parent, t.undone, t.feedback, t.features,
        c.system, t.prompt, t.reply, t.error
    FROM turns t JOIN conversations c ON c.id = t.conversation
        LEFT JOIN battles l ON l.left_conversation = c.id
        LEFT JOIN battles r ON r.right_conversation = c.id
    WHERE t.rowid > ? ORDER BY t.rowid LIMIT ?"""

BATTLES = """
    SELECT rowid, id, visitor, "left", "right", left_conversation, right_conversation,
        pair_chance, policy, status, turns, leaked, prompt_hash, language, source, void_reason,
        created
    FROM battles WHERE rowid > ? ORDER BY rowid LIMIT ?"""

VOTES = """
    SELECT v.rowid, v.battle, b."left", b."right", v.choice, b.visitor, b.turns, b.language,
        v.created, v.counted, v.reason, v.rules, b.source, b.pair_chance, v.prompt_characters,
        v.left_characters, v.left_headers, v.left_lists, v.left_bold,
        v.right_characters, v.right_headers, v.right_lists, v.right_bold
    FROM votes v JOIN battles b ON b.id = v.battle WHERE v.rowid > ? ORDER BY v.rowid LIMIT ?"""

STYLE = tuple(f"{side}_{mark}" for side in ("left", "right") for mark in MARKS)
"""What was counted in the replies of a side."""

VOTE = (
    *("battle", "choice", "created", "counted", "reason", "rules"),
    *("prompt_characters", *STYLE),
)

REPLY = """
    INSERT INTO turns (id, conversation, position, prompt, reply, member, chance, chances, ahead,
        finished, seconds, features, feedback, opened, closed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


class Finished(NamedTuple):
    """A battle that was fought and voted on elsewhere; a tuple, for there may be a million.

    created: seconds since 1970, of the vote. reason: why it does not count; empty where it does.
    rules: what decided that. turns: messages, 0 where that is not known. prompt_characters: of the
    first. style: what `arena.style` compares, of all replies of the left side, then of the right.
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


class Reply(NamedTuple):
    """A finished turn of a chat that is written whole. thumb: 1, -1 or None; created: seconds since
    1970."""

    conversation: str
    position: int
    turn: Turn
    thumb: int | None
    created: float


class Bulk(Database):
    """Rows as they lie in the tables, a page at a time. Who may see which is the caller's duty."""

    def contenders(self) -> list[Contender]:
        """All contenders, by name."""
        rows = self._read("SELECT id, name, config FROM contenders ORDER BY name, id")
        return [Contender(id, name, json.loads(config)) for id, name, config in rows]

    def battles(self) -> Iterator[dict[str, object]]:
        """All battles, in the order in which they were stored."""
        return self._pages(BATTLES)

    def votes(self) -> Iterator[dict[str, object]]:
        """All votes with the battle that each is about, counted or not."""
        return self._pages(VOTES)

    def turns(self) -> Iterator[dict[str, object]]:
        """All turns of chats and battles, with what was said where that was kept."""
        return self._pages(TURNS)

    def sizes(self) -> dict[str, int]:
        """How many rows of each kind there are."""
        kinds = ("contenders", "battles", "votes", "turns")
        return {kind: self._row(f"SELECT count(*) FROM {kind}")[0] for kind in kinds}

    def bring(self, battles: Iterable[Finished]) -> int:
        """Write battles with their contenders, visitors and votes; how many battles are new.

        All or nothing: `battles` may be a stream, and what it raises undoes everything. A row whose
        id is there already stays as it is.
        """
        stream, new = iter(battles), 0
        # Ids that come in no order touch pages all over the file.
        self._connection.execute(f"PRAGMA cache_size = {-CACHE}")
        with self.writing():
            while page := list(islice(stream, PAGE)):
                new += self._store(page)
        return new

    def bring_replies(
        self, replies: Iterable[Reply], visitor: str, contender: str
    ) -> Iterator[int]:
        """Write replies of chats, a page at a time; how many each page was. Visits are not counted.

        visitor, contender: ids that are known. What was written by then stays when it is stopped.
        """
        stream, every = iter(replies), self._connection.executemany
        while page := list(islice(stream, PAGE)):
            with self.writing():
                every(
                    "INSERT INTO conversations (id, visitor, contender, kind, system, created)"
                    " VALUES (?, ?, ?, 'chat', '', ?) ON CONFLICT (id) DO NOTHING",
                    [(each.conversation, visitor, contender, each.created) for each in page],
                )
                every(REPLY, map(_reply, page))
            yield len(page)

    def _store(self, page: list[Finished]) -> int:
        every = self._connection.executemany
        contenders = {each.id: each for battle in page for each in (battle.left, battle.right)}
        every(
            "INSERT INTO contenders (id, name, config) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            [
                (each.id, each.name, json.dumps(dict(each.config), sort_keys=True))
                for each in contenders.values()
            ],
        )
        # A file may be brought in again with its visitors under other pseudonyms: they get no row.
        every(
            "INSERT INTO visitors (id, first_seen) SELECT ?1, ?2 WHERE NOT EXISTS"
            " (SELECT 1 FROM battles WHERE id = ?3) ON CONFLICT (id) DO NOTHING",
            [(b.visitor, b.created, b.id) for b in page],
        )
        new = every(
            'INSERT INTO battles (id, visitor, "left", "right", pair_chance, policy, turns,'
            " language, source, created, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'voted') ON CONFLICT (id) DO NOTHING",
            [_battle(each) for each in page],
        ).rowcount
        every(
            f"INSERT INTO votes ({', '.join(VOTE)}) VALUES ({', '.join('?' * len(VOTE))})"
            " ON CONFLICT (battle) DO NOTHING",
            [_vote(each) for each in page],
        )
        return new

    def _pages(self, sql: str) -> Iterator[dict[str, object]]:
        """Rows of a query over (rowid > ?, LIMIT ?) whose first column is that rowid."""
        after = 0
        while True:
            with self._lock, self._explained():
                cursor = self._connection.execute(sql, (after, PAGE))
                names = [column[0] for column in cursor.description][1:]
                rows = cursor.fetchall()
            if not rows:
                return
            for _, *row in rows:
                yield dict(zip(names, row, strict=True))
            after = rows[-1][0]


def _battle(of: Finished) -> tuple:
    left, right, kind = of.left.id, of.right.id, (of.source, of.created)
    return of.id, of.visitor, left, right, of.pair_chance, of.policy, of.turns, of.language, *kind


def _vote(of: Finished) -> tuple:
    judged = of.id, of.choice, of.created, not of.reason, of.reason, of.rules
    return *judged, of.prompt_characters, *(of.style or [None] * len(STYLE))


def _reply(of: Reply) -> tuple:
    turn, draw = of.turn, of.turn.draw
    said = turn.prompt, turn.reply, draw.member, draw.chance, json.dumps(dict(draw.chances))
    told = json.dumps(features(turn.prompt, turn.reply))
    times = of.created, of.created + (turn.seconds or 0.0)
    ended = draw.ahead, turn.finished, turn.seconds, told, of.thumb
    return turn.id, of.conversation, of.position, *said, *ended, *times
