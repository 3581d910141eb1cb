"""What visitors said of one contender: votes, reasons and thumbs, without words and visitors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from arena.db.database import Database

VOTES = """
    SELECT v.created, iif(:who = b."left", 'left', 'right') AS side, v.choice, v.counted,
        iif(:who = b."left", r.name, l.name) AS against, b.turns, b.language, v.prompt_characters,
        iif(:who = b."left", v.left_characters, v.right_characters) AS characters,
        (SELECT json_group_array(json_array(g.kind, g.side, g.reason)) FROM vote_reasons g
            WHERE g.battle = v.battle AND g.given) AS reasons
    FROM battles b JOIN votes v ON v.battle = b.id
        JOIN contenders l ON l.id = b."left" JOIN contenders r ON r.id = b."right"
    WHERE (b."left" = :who OR b."right" = :who) AND b.source = 'own' AND b.status = 'voted'
    ORDER BY v.created, v.rowid"""

THUMBS = """
    SELECT coalesce(t.marked, t.closed, t.opened), t.feedback,
        coalesce((SELECT group_concat(DISTINCT value ->> 'member') FROM json_each(t.sentences)
            WHERE value ->> 'start' < json_extract(t.features, '$.reply_characters')), t.member)
    FROM turns t JOIN conversations c ON c.id = t.conversation JOIN visitors p ON p.id = c.visitor
    WHERE t.feedback IS NOT NULL AND c.contender = ? AND c.kind = 'chat' AND NOT t.undone
        AND NOT c.preview AND NOT p.barred
    ORDER BY 1, t.rowid"""

COLUMNS = (
    *("kind", "time", "outcome", "counted", "against", "turns", "language", "member"),
    *("prompt_characters", "characters", "good", "bad"),
)
"""Of a table of both kinds; what a row does not have stays empty."""

Record = dict[str, object]


@dataclass(frozen=True, slots=True)
class ContenderFeedback:
    """For a contender's owner: nothing here tells who a visitor is or what was said."""

    db: Database

    def read(self, contender: str) -> Iterator[Record]:
        """All of it."""
        yield from self.votes(contender)
        yield from self.thumbs(contender)

    def votes(self, contender: str) -> Iterator[Record]:
        """Each vote on a blind battle of the contender (id), the oldest first.

        time: seconds since 1970. outcome: won, lost, tie or both_bad, from its side. good, bad:
        the reasons about it. characters: of its replies; prompt_characters: of the
        first message.
        """
        for time, side, choice, counted, against, *sizes, given in self.db.query(
            VOTES, {"who": contender}
        ):
            turns, language, prompt, characters = sizes
            outcome = {side: "won"}.get(choice, choice if choice in ("tie", "both_bad") else "lost")
            good, bad = (
                sorted(reason for of, about, reason in json.loads(given) if (of, about) == key)
                for key in (("good", side), ("bad", side))
            )
            yield {
                **{"kind": "vote", "time": time, "outcome": outcome, "counted": bool(counted)},
                **{"against": against, "turns": turns, "language": language},
                **{"prompt_characters": prompt, "characters": characters},
                **{"good": good, "bad": bad},
            }

    def thumbs(self, contender: str) -> Iterator[Record]:
        """Each thumb on a reply of the contender in a chat; member: who wrote the reply. Those of a
        host's preview and of visitors who are barred are no evidence."""
        for time, value, member in self.db.query(THUMBS, (contender,)):
            thumb = "up" if value > 0 else "down"
            yield {"kind": "thumb", "time": time, "outcome": thumb, "member": member}
