"""The categories of each battle's first message: noted, and noted anew once rules have changed."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from arena.categories.tagger import Tagger
from arena.db.database import Database

OURS = Tagger()
"""The tagger where nobody has categories of their own."""

BATCH = 500
"""Battles that are tagged in one transaction: nobody who votes meanwhile waits for more."""

FIRST = """
    (SELECT prompt FROM turns WHERE conversation = b.left_conversation AND position = 0
        AND prompt IS NOT NULL ORDER BY id LIMIT 1)"""
"""The first message of a battle, where it is kept. Both sides have the same; a reply that was tried
again stands beside the first try."""

STALE = f"""
    SELECT b.rowid, b.id, {FIRST} FROM battles b
    WHERE b.rowid > ? AND b.left_conversation NOT NULL AND b.tag_rules IS NOT ?
    ORDER BY b.rowid LIMIT ?"""

TAG = "UPDATE battles SET tags = ?, tag_rules = ?, tag_time = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Categories:
    """The rules are `arena.categories`; here their results are kept, with their version."""

    db: Database

    def tag(self, battles: Iterable[tuple[str, str]], tagger: Tagger) -> None:
        """Note the categories of battles, (id, first message) each."""
        now = self.db.clock()
        rows = [
            (json.dumps(tagger.tags(text), ensure_ascii=False), tagger.version, now, id)
            for id, text in battles
        ]
        self.db.executemany(TAG, rows)

    def tag_new(self, battles: Iterable[tuple[str, str]]) -> None:
        """The same by our rules, of those that nobody has tagged yet."""
        texts = dict(battles)
        if not texts:
            return
        rows = self.db.query(
            "SELECT b.id FROM json_each(?) j CROSS JOIN battles b ON b.id = j.value"
            " WHERE b.tag_rules IS NULL",
            (json.dumps([*texts]),),
        )
        self.tag([(id, texts[id]) for (id,) in rows], OURS)

    def stale(self, tagger: Tagger) -> tuple[int, int]:
        """How many battles have tags by other rules, or none, and their first message is kept; and
        of how many of these it is not."""
        return self.db.query_one(
            "SELECT coalesce(sum(kept), 0), coalesce(sum(NOT kept AND turns > 0), 0) FROM"
            f" (SELECT {FIRST} IS NOT NULL AS kept, b.turns FROM battles b"
            " WHERE b.left_conversation NOT NULL AND b.tag_rules IS NOT ?)",
            (tagger.version,),
        )

    def counts(self) -> dict[str, int]:
        """How many battles have each category."""
        return dict(
            self.db.query(
                "SELECT t.value, count(*) FROM battles b, json_each(b.tags) t GROUP BY 1 ORDER BY 1"
            )
        )

    def tag_stale(self, tagger: Tagger) -> Iterator[int]:
        """Tag these battles, a small transaction each; yields how many at a time.

        What was tagged by then stays when it is stopped: the same again does the rest.
        """
        after = 0
        while rows := self.db.query(STALE, (after, tagger.version, BATCH)):
            after = rows[-1][0]
            texts = [(id, text) for _, id, text in rows if text is not None]
            self.tag(texts, tagger)
            yield len(texts)
