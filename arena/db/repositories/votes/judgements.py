"""What visitors judged: counted votes, and thumbs in chats, each with the words it is about."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from arena.db.database import Database
from arena.db.repositories.conversations import ACTIVE
from arena.models import Choice, Source

PAGE = 200
"""Votes, or chats, whose words are held at a time: few enough to stay in the processor's cache,
which a million votes pass twice as fast."""

VOTES = """
    SELECT v.created, v.rowid, v.battle, b.visitor, b."left", b."right", v.choice, b.language,
        b.tags, b.turns, v.left_characters, v.right_characters,
        b.left_conversation, b.right_conversation
    FROM votes v CROSS JOIN battles b ON b.id = v.battle
    WHERE {after} AND v.counted AND b.source = ?3
    ORDER BY v.created, v.rowid LIMIT ?4"""

SAME_TIME = VOTES.format(after="v.created = ?1 AND v.rowid > ?2")
LATER = VOTES.format(after="v.created > ?1 AND ?2 IS NOT NULL")
"""The next page after a vote's (time, rowid): the rest of those of the same time, else later ones.
A search for both at once reads all votes of one time again for each page."""

TEXTS = f"""
    SELECT c.id, c.system, c.publishable, p.private, t.prompt, t.reply
    FROM json_each(?) j CROSS JOIN conversations c ON c.id = j.value
        CROSS JOIN visitors p ON p.id = c.visitor
        CROSS JOIN turns t ON t.conversation = c.id AND {ACTIVE}
    ORDER BY j.key, t.position, t.rowid"""

CHATS = """
    SELECT DISTINCT t.conversation FROM turns t
    WHERE t.feedback IS NOT NULL AND t.conversation > ?1 AND EXISTS (
        SELECT 1 FROM conversations c JOIN visitors p ON p.id = c.visitor
        WHERE c.id = t.conversation AND c.kind = 'chat' AND NOT c.preview AND NOT p.barred)
    ORDER BY t.conversation LIMIT ?2"""

THUMBS = """
    SELECT c.id, c.visitor, c.system, c.publishable, p.private, t.id, t.position, t.prompt, t.reply,
        t.finished, t.feedback
    FROM json_each(?) j CROSS JOIN conversations c ON c.id = j.value
        CROSS JOIN visitors p ON p.id = c.visitor CROSS JOIN turns t ON t.conversation = c.id
    ORDER BY j.key, t.opened, t.rowid"""

# By when they were opened: ids of the same millisecond are in no order.

OF_SOURCE = "(b.source = ?1 OR ?1 = 'own' AND b.source = 'named')"
"""Battles with the names in view are this site's, too, and no vote on one counts."""


class ConversationText(NamedTuple):
    """What was said in one conversation: each turn's message and reply. id: the conversation's.

    publishable: 1 where it may be published, 0 where not, -1 where its visitor says that something
    private is in it. private: whether its visitor keeps all of theirs private.
    """

    id: str
    system: str
    turns: tuple[tuple[str, str], ...]
    publishable: int = 0
    private: bool = False


class JudgedVote(NamedTuple):
    """A counted vote. left, right: contenders by id. created: seconds since 1970.

    tags: categories of the first message, as JSON; None where nobody could look at it. turns:
    messages, 0 where that is not known. characters: of all replies of each side, None where
    that is not known. texts: of the left side, then of the right; empty where they were not kept.
    """

    battle: str
    visitor: str
    left: str
    right: str
    choice: Choice
    created: float
    language: str | None
    tags: str | None
    turns: int
    characters: tuple[int | None, int | None]
    texts: tuple[ConversationText, ...]


class JudgedReply(NamedTuple):
    """A reply of a chat with a thumb on it. texts: one, which ends with the reply, as its member
    read it; empty where it was not kept. finished: whether the reply came to its end."""

    turn: str
    visitor: str
    liked: bool
    finished: bool
    texts: tuple[ConversationText, ...]


@dataclass(frozen=True, slots=True)
class Judgements:
    """It only reads, a page at a time: a million votes with their words take no more memory."""

    db: Database

    def votes(self, source: Source) -> Iterator[JudgedVote]:
        """The counted votes of a source, the oldest first."""
        last = (float("-inf"), 0)
        while page := self._page(last, source):
            last = page[-1][:2]
            texts = self._texts([id for *_, left, right in page for id in (left, right) if id])
            for created, _, *vote, left, right, one, other in page:
                sides = (texts.get(one), texts.get(other))
                words = () if None in sides else sides
                yield JudgedVote(*vote[:5], created, *vote[5:], (left, right), words)

    def _page(self, last: tuple[float, int], source: Source) -> list[tuple]:
        values = (*last, source, PAGE)
        return self.db.query(SAME_TIME, values) or self.db.query(LATER, values)

    def replies(self, source: Source) -> Iterator[JudgedReply]:
        """The replies in chats that have a thumb, chat by chat: all are this site's own. Those of a
        host's preview and of visitors who are barred are no evidence."""
        after = ""
        while source == "own" and (page := self.db.query(CHATS, (after, PAGE))):
            after = page[-1][0]
            rows = self.db.query(THUMBS, (json.dumps([id for (id,) in page]),))
            for _, turns in groupby(rows, itemgetter(0)):
                yield from _judged_replies(turns)

    def sizes(self, source: Source) -> tuple[int, int]:
        """How many votes of a source count, and how many turns have a thumb; see `replies`."""
        votes = "SELECT coalesce(sum(votes), 0) FROM vote_counts WHERE counted AND source = ?"
        thumbs = "SELECT count(*) FROM turns WHERE feedback IS NOT NULL AND ? = 'own'"
        return tuple(self.db.query_one(sql, (source,))[0] for sql in (votes, thumbs))

    def rules(self, source: Source) -> dict[str, int]:
        """How many votes of a source each version of the rules has decided on."""
        return self._tally("v.rules", source)

    def uncounted(self, source: Source) -> dict[str, int]:
        """How many votes of a source do not count, by the reason; codes are joined by ", "."""
        return self._tally("v.reason", source, "AND NOT v.counted")

    def _tally(self, what: str, source: Source, more: str = "") -> dict[str, int]:
        return dict(
            self.db.query(
                f"SELECT {what}, count(*) FROM votes v CROSS JOIN battles b ON b.id = v.battle"
                f" WHERE {OF_SOURCE} {more} GROUP BY 1 ORDER BY 2 DESC, 1",
                (source,),
            )
        )

    def _texts(self, ids: Sequence[str]) -> dict[str, ConversationText]:
        """Those of these conversations whose words were kept, as they stand: without what was
        undone or regenerated."""
        rows = self.db.query(TEXTS, (json.dumps(ids),)) if ids else []
        found: dict[str, ConversationText] = {}
        for id, turns in groupby(rows, itemgetter(0)):
            standing = [*turns]
            _, system, publishable, private, *_ = standing[0]
            words = tuple([row[4:] for row in standing])
            found[id] = ConversationText(id, system, words, publishable, bool(private))
        return {id: text for id, text in found.items() if _kept(text)}


def _kept(text: ConversationText) -> bool:
    """Whether every word is there."""
    return text.system is not None and not any(None in turn for turn in text.turns)


def _judged_replies(rows: Iterator[tuple]) -> Iterator[JudgedReply]:
    """Those of one chat's turns, oldest first. A reply is judged after what stood before it then:
    what was undone or regenerated later is among that."""
    history: list[tuple[str, str]] = []
    for id, visitor, system, publishable, private, turn, position, *said in rows:
        prompt, reply, finished, feedback = said
        del history[position:]
        history.append((prompt, reply))
        if feedback is not None:
            text = ConversationText(id, system, tuple(history), publishable, bool(private))
            texts = (text,) if _kept(text) else ()
            yield JudgedReply(turn, visitor, feedback > 0, bool(finished), texts)
