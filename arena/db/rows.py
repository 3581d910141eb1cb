"""Rows as they lie in the tables, a page at a time. Who may see which is the reader's duty."""

from collections.abc import Iterator
from dataclasses import dataclass

from arena.db.database import Database
from arena.ranking.style import MARKS

PAGE = 10_000
"""Rows that are held at a time."""

TURNS = """
    SELECT t.rowid, t.id, t.conversation, t.position, c.kind, c.visitor, c.contender,
        coalesce(l.id, r.id) AS battle,
        CASE WHEN l.id IS NOT NULL THEN 'left' WHEN r.id IS NOT NULL THEN 'right' END AS side,
        t.member, t.chance, t.chances, t.ahead, t.sentences, t.finished, t.finish,
        t.error IS NOT NULL AS failed, t.ttft_s, t.seconds, t.prompt_tokens, t.cached_tokens,
        t.completion_tokens, t.cut_turns, t.parent, t.undone, t.feedback, t.feedback_reasons,
        t.features, c.system, t.prompt, t.reply, t.error,
        (SELECT json_group_array(json_object('judge', judge, 'how', how, 'member', member,
                'picked', json(iif(picked, 'true', 'false')), 'text', text,
                'prompt_tokens', prompt_tokens, 'cached_tokens', cached_tokens,
                'completion_tokens', completion_tokens, 'finish', finish))
            FROM (SELECT * FROM drafts WHERE turn = t.id ORDER BY place)) AS drafts
    FROM turns t JOIN conversations c ON c.id = t.conversation
        LEFT JOIN battles l ON l.left_conversation = c.id
        LEFT JOIN battles r ON r.right_conversation = c.id
    WHERE t.rowid > ? ORDER BY t.rowid LIMIT ?"""

BATTLES = """
    SELECT rowid, id, visitor, "left", "right", left_conversation, right_conversation,
        pair_chance, policy, status, turns, leaked, prompt_hash, language, tags, tag_rules, source,
        void_reason, created
    FROM battles WHERE rowid > ? ORDER BY rowid LIMIT ?"""

VOTES = """
    SELECT v.rowid, v.battle, b."left", b."right", v.choice, b.visitor, b.turns, b.language,
        b.tags, v.created, v.counted, v.reason, v.rules, b.source, b.pair_chance,
        v.prompt_characters,
        v.left_characters, v.left_headers, v.left_lists, v.left_bold,
        v.right_characters, v.right_headers, v.right_lists, v.right_bold,
        (SELECT json_group_array(json_array(r.kind, r.side, r.reason)) FROM vote_reasons r
            WHERE r.battle = v.battle AND r.given) AS reasons,
        (SELECT c.comment FROM vote_comments c WHERE c.battle = v.battle) AS comment
    FROM votes v JOIN battles b ON b.id = v.battle WHERE v.rowid > ? ORDER BY v.rowid LIMIT ?"""

REASONS = {
    **{"good_a": ("good", "left"), "bad_a": ("bad", "left")},
    **{"good_b": ("good", "right"), "bad_b": ("bad", "right")},
}
"""The columns of a file of votes with the reasons for them: of which kind, about which side."""

STYLE = tuple(f"{side}_{mark}" for side in ("left", "right") for mark in MARKS)
"""What was counted in the replies of a side."""

DRAWS = """
    iif(b.turns > 1 AND b.{0}_conversation NOT NULL AND NOT EXISTS (SELECT 1 FROM turns
            WHERE conversation = b.{0}_conversation AND sentences NOT NULL),
        (SELECT json_group_array(json_array(member, chances)) FROM
            (SELECT member, chances FROM turns WHERE conversation = b.{0}_conversation
                AND finished AND NOT undone ORDER BY position, id)), NULL)"""
"""Of a battle b: who wrote the replies of a side and the chances of each draw, as JSON; NULL where
there was one reply, which has no context, and where a reply has several writers."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything of one kind, in the order in which it was stored."""

    db: Database

    def battles(self) -> Iterator[dict[str, object]]:
        """All battles."""
        return self._pages(BATTLES)

    def votes(self) -> Iterator[dict[str, object]]:
        """All votes with the battle that each is about, counted or not."""
        return self._pages(VOTES)

    def turns(self) -> Iterator[dict[str, object]]:
        """All turns of chats and battles, with their texts where these were kept."""
        return self._pages(TURNS)

    def sizes(self) -> dict[str, int]:
        """How many rows of each kind there are."""
        kinds = ("contenders", "battles", "votes", "turns")
        return {kind: self.db.query_one(f"SELECT count(*) FROM {kind}")[0] for kind in kinds}

    def _pages(self, sql: str) -> Iterator[dict[str, object]]:
        """Rows of a query over (rowid > ?, LIMIT ?) whose first column is that rowid."""
        after = 0
        while True:
            with self.db.locked():
                cursor = self.db.connection.execute(sql, (after, PAGE))
                names = [column[0] for column in cursor.description][1:]
                rows = cursor.fetchall()
            if not rows:
                return
            for _, *row in rows:
                yield dict(zip(names, row, strict=True))
            after = rows[-1][0]
