"""The log of draws: every turn with its chances, and how visitors liked each member."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena.db.database import Database
from arena.db.repositories.contenders import contender_of
from arena.models import Contender
from blend.conversation import Conversation, Draw, Sentence, Turn
from blend.evaluation.logged_turns import LoggedTurn
from blend.evaluation.rewards import TurnRow, rewards
from blend.policies.policy_file import member_identities
from blend.policies.thompson import PreferenceCount

PAGE = 500
"""Conversations that are read at a time."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Contenders that are blends of the same members under any policy.

    contenders: their ids. names: theirs, on the board. members: name → identity, in the order of
    the newest. turns: finished ones; `with_text` of them were kept with their text.
    """

    contenders: tuple[str, ...]
    names: tuple[str, ...]
    members: Mapping[str, str]
    turns: int
    with_text: int

    @property
    def title(self) -> str:
        """The names, for a reader."""
        return ", ".join(dict.fromkeys(self.names))


@dataclass(frozen=True, slots=True)
class TurnLog:
    """What policies are fed with, and judged by. It only reads.

    A host's preview is no evidence, nor is what a barred visitor did. Nor are a panel's replies:
    all its members write, and a judge picks one by chances that nobody knows, so that they tell
    neither what a draw is worth nor how a member's reply is liked that was not picked.
    """

    db: Database

    def drawn_contenders(self) -> list[tuple[Contender, int, int]]:
        """The contenders whose turns were drawn among several members: each with the number of its
        finished turns, and of those that were kept with their text; the most turns first."""
        rows = self.db.query_apart(DRAWN)
        return [(contender_of(*row[:3]), *row[3:]) for row in rows]

    def pools(self) -> list[Pool]:
        """What was drawn among the same members, whichever policy drew, once a reply or for every
        sentence; the most turns first."""
        groups: dict[tuple, list] = defaultdict(list)
        for contender, *turns in self.drawn_contenders():
            members = member_identities(contender.config["members"])
            unit = contender.config.get("policy") == "per_sentence"
            groups[unit, *sorted(members.items())].append((contender, members, *turns))
        pools = [
            Pool(
                contenders=tuple(contender.id for contender, *_ in group),
                names=tuple(contender.name for contender, *_ in group),
                members=group[0][1],
                turns=sum(turns for *_, turns, _ in group),
                with_text=sum(kept for *_, kept in group),
            )
            for group in groups.values()
        ]
        return sorted(pools, key=lambda pool: -pool.turns)

    def newest(self, contenders: Collection[str], conversations: int) -> tuple[str, int]:
        """The id after which so many of the newest conversations of these contenders come, and how
        many visitors they are of."""
        ids = json.dumps(sorted(contenders))
        after = next(iter(self.db.query_apart(BEFORE, (ids, conversations))), ("",))
        visitors = self.db.query_apart(TALKERS, (ids, *after))[0]
        return after[0], visitors[0]

    def version(self) -> tuple[int, int, int]:
        """Changes whenever a turn is begun, a thumb given or a vote cast; cheap at any size."""
        return self.db.query_one(
            "SELECT (SELECT coalesce(max(rowid), 0) FROM turns),"
            " (SELECT coalesce(sum(2 + feedback), 0) FROM turns WHERE feedback IS NOT NULL),"
            " (SELECT coalesce(max(rowid), 0) FROM votes)"
        )

    def logged_turns(
        self, contenders: Collection[str], reward: str, now: float, after: str = ""
    ) -> Iterator[LoggedTurn]:
        """The turns of these contenders (ids) whose reward is known, by conversation.

        reward: one of `blend.evaluation.rewards.REWARDS`. now: seconds since 1970; what can still
        happen has not happened. after: only conversations whose id comes after that. A turn whose
        text was not kept has an empty one.
        """
        ids = json.dumps(sorted(contenders))
        while page := self.db.query_apart(TALKS, (ids, after, PAGE)):
            talks = json.dumps([id for id, *_ in page])
            turns: dict[str, list[TurnRow]] = defaultdict(list)
            for talk, *row in self.db.query_apart(TURNS, (talks,)):
                turns[talk].append(TurnRow(*row))
            for id, system, kind, score in page:
                found = rewards(reward, turns[id], kind, score, now)
                yield from _logged(id, system or "", turns[id], found)
            after = page[-1][0]

    def preference_counts(self, contenders: Collection[str]) -> dict[str, PreferenceCount]:
        """Good and bad of each member that wrote for these contenders (ids): thumbs and votes.

        A thumb is one. A counted vote of a battle is one for each side that is among them, shared
        by the members that wrote its replies, each by its share of them: a win is good, a loss and
        "both bad" are bad, a tie is half of each. Whose reply was written a sentence each share it.
        """
        ids = json.dumps(sorted(contenders))
        rows = self.db.query_apart(THUMBS, (ids,)) + self.db.query_apart(VOTES, (ids,))
        counts: dict[str, list[float]] = {}
        for member, good, of in rows:
            count = counts.setdefault(member, [0.0, 0.0])
            count[0] += good
            count[1] += of - good
        return {member: PreferenceCount(*count) for member, count in counts.items()}


def _logged(
    id: str, system: str, rows: Sequence[TurnRow], found: Sequence[float | None]
) -> Iterator[LoggedTurn]:
    """Each turn that was drawn, with the history that it was drawn for: undone and regenerated ones
    are in it as long as they stood."""
    history: list[Turn] = []
    for row, reward in zip(rows, found, strict=True):
        del history[row.position :]
        talk = Conversation(id, system, (*history, Turn(row.prompt or "", id=row.id)))
        draw = None
        if row.member is not None:
            draw = Draw(row.member, row.chance, json.loads(row.chances), bool(row.ahead))
        parts = tuple(map(Sentence.of_row, json.loads(row.sentences or "[]")))
        if reward is not None and draw is not None and draw.chance is not None:
            further = tuple(each.draw for each in parts[1:])
            yield LoggedTurn(talk, draw, reward, further)
        # The reply's length says that there was one where the reply itself was not kept.
        length = row.characters or 0
        reply = row.reply if row.reply is not None else "…" * (length if parts else bool(length))
        finished = bool(row.finished)
        history.append(Turn(row.prompt or "", reply, draw, finished, id=row.id, sentences=parts))


EVIDENCE = """
    NOT c.preview AND NOT (SELECT barred FROM visitors WHERE id = c.visitor)
    AND (c.kind = 'chat' OR EXISTS (SELECT 1 FROM battles o WHERE o.status = 'voted'
        AND o.source = 'own' AND (o.left_conversation = c.id OR o.right_conversation = c.id)))"""
"""Of a conversation c. A battle is evidence once it has its vote: figures made of it are public,
and would tell who is hidden in it. One with the names in view is none."""

DRAWN = f"""
    SELECT n.id, n.name, n.config, sum(t.finished), sum(t.finished AND t.prompt IS NOT NULL)
    FROM contenders n JOIN conversations c ON c.contender = n.id
        JOIN turns t ON t.conversation = c.id
    WHERE json_array_length(n.config, '$.members') > 1 AND t.chance IS NOT NULL AND {EVIDENCE}
    GROUP BY n.id HAVING sum(t.finished) > 0 ORDER BY 4 DESC, n.id"""

BEFORE = f"""
    SELECT c.id FROM conversations c
    WHERE c.contender IN (SELECT value FROM json_each(?)) AND {EVIDENCE}
    ORDER BY c.id DESC LIMIT 1 OFFSET ?"""

TALKERS = f"""
    SELECT count(DISTINCT c.visitor) FROM conversations c
    WHERE c.contender IN (SELECT value FROM json_each(?)) AND c.id > ? AND {EVIDENCE}"""

TALKS = f"""
    SELECT c.id, c.system, c.kind, (
        SELECT CASE v.choice WHEN 'tie' THEN 0.5 WHEN 'both_bad' THEN 0.0
            ELSE (v.choice = 'left') = (b.left_conversation = c.id) END
        FROM battles b JOIN votes v ON v.battle = b.id
        WHERE (b.left_conversation = c.id OR b.right_conversation = c.id) AND v.counted
    )
    FROM conversations c
    WHERE c.contender IN (SELECT value FROM json_each(?)) AND c.id > ? AND {EVIDENCE}
    ORDER BY c.id LIMIT ?"""

TURNS = """
    SELECT conversation, id, position, prompt, reply, member, chance, chances, ahead, finished,
        seconds, feedback, undone, json_extract(features, '$.reply_characters'), sentences
    FROM turns WHERE conversation IN (SELECT value FROM json_each(?)) ORDER BY conversation, id"""

WRITER = "coalesce(e.value ->> 'member', t.member)"
SENTENCES = """
    LEFT JOIN json_each(t.sentences) e
        ON e.value ->> 'start' < json_extract(t.features, '$.reply_characters')"""
"""Of a turn t each sentence e, and its writer, or one row with who wrote it all. The last draw of a
reply often ends it without a word: that is no part of it."""

THUMBS = f"""
    WITH parts AS (
        SELECT {WRITER} AS member, t.feedback = 1 AS good,
            1.0 / count(*) OVER (PARTITION BY t.id) AS part
        FROM turns t JOIN conversations c ON c.id = t.conversation {SENTENCES}
        WHERE t.feedback IS NOT NULL AND t.chance IS NOT NULL AND {EVIDENCE}
            AND c.contender IN (SELECT value FROM json_each(?))
    )
    SELECT member, sum(good * part), sum(part) FROM parts GROUP BY member"""

OWN = "v.counted AND b.source = 'own'"
"""A vote v of people in a blind battle b of this site: whatever a machine, a program or another
arena judged steers no draw."""

VOTES = f"""
    WITH sides AS (
        SELECT b.left_conversation AS id, v.choice = 'left' AS won, v.choice = 'tie' AS tied
        FROM votes v JOIN battles b ON b.id = v.battle WHERE {OWN}
        UNION ALL
        SELECT b.right_conversation, v.choice = 'right', v.choice = 'tie'
        FROM votes v JOIN battles b ON b.id = v.battle WHERE {OWN}
    ), written AS (
        SELECT s.id, {WRITER} AS member, s.won + s.tied / 2.0 AS score,
            1.0 / count(*) OVER (PARTITION BY t.id) AS part
        FROM sides s JOIN conversations c ON c.id = s.id
            JOIN turns t ON t.conversation = s.id {SENTENCES}
        WHERE t.finished AND t.chance IS NOT NULL
            AND c.contender IN (SELECT value FROM json_each(?))
    ), parts AS (
        SELECT member, score, part / sum(part) OVER (PARTITION BY id) AS part FROM written
    )
    SELECT member, sum(score * part), sum(part) FROM parts GROUP BY member"""
