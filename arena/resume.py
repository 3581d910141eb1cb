"""What goes on after a break: a side that failed, a page that was reloaded, a second window."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from arena.chats import STANDING, Chats
from arena.records import Refused, Reveal, Status
from arena.votes import Votes
from blend.conversation import Conversation, Draw, Turn, Usage

STALLED = "a side did not finish"
"""Why a battle is void that may still be saved: by asking once more who did not finish."""


SILENT = "This reply could not be finished."
"""What is said of a failure where its own words could give a name away."""


@dataclass(frozen=True, slots=True)
class Latest:
    """A visitor's latest battle. It is not for the page: it tells the contenders' ids.

    Each pair is left, right. retry: whether those who did not finish may be asked once more.
    voted: when the vote came, seconds since 1970. put_away: whether it was left for a new one.
    """

    id: str
    status: Status
    contenders: tuple[str, str]
    conversations: tuple[str | None, str | None]
    turns: int
    leaked: bool
    retry: bool
    void_reason: str | None
    voted: float | None
    put_away: bool


class Resume(Chats, Votes):
    """Battles and chats that are taken up again, each by its own visitor only."""

    def leak(self, battle_id: str) -> None:
        """Note that a reply told who wrote it; this is never taken back."""
        self._write("UPDATE battles SET leaked = 1 WHERE id = ?", (battle_id,))

    def retry(self, battle_id: str, visitor: str, turns: int) -> None:
        """Void, because a side did not finish → streaming; once for each message.

        turns: how many messages the page has seen. Raises Refused where anything is otherwise.
        """
        done = self._write(
            "UPDATE battles SET status = 'streaming', retried = turns, void_reason = NULL"
            " WHERE id = ? AND visitor = ? AND turns = ? AND retried < turns"
            " AND status = 'void' AND void_reason = ?",
            (battle_id, visitor, turns, STALLED),
        )
        if not done:
            raise Refused("This battle cannot be tried again: start a new one.")

    def latest_battle(self, visitor: str, id: str | None = None) -> Latest | None:
        """The visitor's latest battle on this site; None without one, or where it was put away.

        id: of the battle that is meant instead, put away or not; None where it is not theirs.
        """
        row = self._row(
            'SELECT b.id, b.status, b."left", b."right", b.left_conversation,'
            " b.right_conversation, b.turns, b.leaked, b.status = 'void' AND b.void_reason = ?2"
            " AND b.retried < b.turns, b.void_reason, v.created, c.put_away"
            " FROM battles b JOIN conversations c ON c.id = b.left_conversation"
            " LEFT JOIN votes v ON v.battle = b.id WHERE b.visitor = ?1 AND b.source = 'own'"
            " AND (?3 IS NULL OR b.id = ?3) ORDER BY b.rowid DESC LIMIT 1",
            (visitor, STALLED, id),  # by row: a clock can be set back
        )
        if row is None or (row[-1] and id is None):
            return None
        id, status, left, right, one, other, turns, leaked, retry, reason, voted, away = row
        return Latest(
            *(id, status, (left, right), (one, other), turns),
            *(bool(leaked), bool(retry), reason, voted, bool(away)),
        )

    def revealed(self, battle_id: str, visitor: str) -> Reveal | None:
        """What a committed vote of this visitor has told already; None where there is none."""
        row = self._row(
            "SELECT 1 FROM votes v JOIN battles b ON b.id = v.battle"
            " WHERE b.id = ? AND b.visitor = ?",
            (battle_id, visitor),
        )
        return self._reveal(battle_id) if row else None

    def latest_chat(self, visitor: str) -> str | None:
        """The id of the visitor's latest chat; None without one, or where it was put away."""
        row = self._row(
            "SELECT id, put_away FROM conversations WHERE visitor = ? AND kind = 'chat'"
            " AND NOT preview ORDER BY rowid DESC LIMIT 1",
            (visitor,),
        )
        return None if row is None or row[1] else row[0]

    def put_away(self, conversations: Iterable[str], visitor: str) -> None:
        """Leave these of the visitor's conversations: a reload does not bring them back."""
        with self.writing():
            for id in conversations:
                self._write(
                    "UPDATE conversations SET put_away = 1 WHERE id = ? AND visitor = ?",
                    (id, visitor),
                )

    def load_conversation(self, id: str, visitor: str) -> Conversation | None:
        """This visitor's conversation as it stands, without what was undone or regenerated.

        None where there is none, it is another's, or its texts were not kept. Before the vote the
        turns of a battle come without what could tell the contender: draws, counts, times, and
        the words of an error. A draw made ahead is not stored.
        """
        with self._lock:
            row = self._row(
                "SELECT c.system, c.kind = 'chat' OR EXISTS (SELECT 1 FROM battles b"
                " WHERE (b.left_conversation = c.id OR b.right_conversation = c.id)"
                " AND b.status = 'voted') FROM conversations c WHERE c.id = ? AND c.visitor = ?",
                (id, visitor),
            )
            turns = self._read(
                """
                SELECT id, prompt, reply, finished, error, member, chance, chances, ahead, ttft_s,
                    seconds, prompt_tokens, cached_tokens, completion_tokens, cut_turns, finish
                FROM turns WHERE conversation = ?1 """
                + STANDING
                + " ORDER BY position, rowid",
                (id,),
            )
        if row is None or row[0] is None or any(turn[1] is None for turn in turns):
            return None
        make = _turn if row[1] else _blind
        return Conversation(id, row[0], tuple(make(*turn) for turn in turns))


def _turn(
    id, prompt, reply, finished, error, member, chance, chances, ahead, ttft_s, seconds, *usage
) -> Turn:
    return replace(
        _blind(id, prompt, reply, finished, error),
        draw=member and Draw(member, chance, json.loads(chances), bool(ahead)),
        error=error,
        ttft_s=ttft_s,
        seconds=seconds,
        usage=Usage(*usage),
    )


def _blind(id, prompt, reply, finished, error, *_) -> Turn:
    """What both sides of a battle may show: an error can hold a name, token counts can betray."""
    return Turn(prompt, reply or "", finished=bool(finished), error=error and SILENT, id=id)
