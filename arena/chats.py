"""Conversations and turns in the database: what was said, by whom, and how it was liked."""

import json
from typing import Literal

from arena.attendance import Attendance
from arena.erasure import GONE, Erasure
from arena.features import features
from arena.records import ELSEWHERE, Refused
from blend.conversation import Conversation, Turn

STANDING = (
    "AND NOT undone AND id NOT IN"
    " (SELECT parent FROM turns WHERE conversation = ?1 AND parent IS NOT NULL)"
)
"""Of a conversation's turns those that were not undone, and that no other one stands for."""


class Chats(Attendance, Erasure):
    """Visitors and what they say. Rows are added and completed, never deleted."""

    def visitor(self, id: str, address_hash: str | None = None) -> None:
        """Note a visitor, the first time and whenever the address is another one.

        Raises Refused under an id whose data was deleted: it must not begin to fill again.
        """
        if self.forgotten(id):
            raise Refused(GONE)
        self._write(
            "INSERT INTO visitors (id, first_seen, address_hash) VALUES (?, ?, ?) ON CONFLICT (id)"
            " DO UPDATE SET address_hash = coalesce(excluded.address_hash, address_hash)",
            (id, self.clock(), address_hash),
        )

    def open_conversation(
        self,
        conversation: Conversation,
        visitor: str,
        contender_id: str,
        kind: Literal["chat", "battle"],
        preview: bool = False,
    ) -> None:
        """The conversation's row. Opening it again is harmless; raises Refused if another's.

        preview: the host looks at an arm; such a conversation is no visit and no evidence.
        """
        system = conversation.system if self.keep_texts else None
        with self.writing():
            self._write(
                "INSERT INTO conversations (id, visitor, contender, kind, system, created, preview)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (
                    conversation.id,
                    visitor,
                    contender_id,
                    kind,
                    system,
                    self.clock(),
                    preview,
                ),
            )
            owner = self._row("SELECT visitor FROM conversations WHERE id = ?", (conversation.id,))
            if owner != (visitor,):
                raise Refused("This conversation belongs to another visitor: start a new one.")

    def open_turn(
        self,
        conversation_id: str,
        position: int,
        turn: Turn,
        parent: str | None = None,
        exposure: tuple[str, str] | None = None,
    ) -> None:
        """The turn's row, before its first token, and its visit. Opening it again is harmless.

        position: 0 for the first. parent: the id of the turn that a regenerated one stands for.
        exposure: the experiment and the arm that the visitor meets by it.
        Raises Refused where the conversation is a battle's and no message was let in, and where it
        went on in another window.
        """
        with self.writing():
            battle = self._row(
                "SELECT status FROM battles WHERE left_conversation = ?1"
                " UNION ALL SELECT status FROM battles WHERE right_conversation = ?1",
                (conversation_id,),
            )
            if battle not in (None, ("streaming",)):
                raise Refused("This battle takes no reply now: start a new one.")
            self._follows(conversation_id, position, turn.id, parent)
            new = self._write(
                "INSERT INTO turns (id, conversation, position, prompt, parent, features, opened)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (
                    turn.id,
                    conversation_id,
                    position,
                    turn.prompt if self.keep_texts else None,
                    parent,
                    json.dumps(features(turn.prompt, "")),
                    self.clock(),
                ),
            )
            if new:
                again = parent is not None
                self.asked(conversation_id, position, turn.id, again, exposure)

    def standing(self, conversation: str) -> list[str]:
        """The ids of its turns in order, without what was undone or regenerated."""
        rows = self._read(
            f"SELECT id FROM turns WHERE conversation = ?1 {STANDING} ORDER BY position, rowid",
            (conversation,),
        )
        return [id for (id,) in rows]

    def _follows(self, conversation: str, position: int, turn: str, parent: str | None) -> None:
        """Raise Refused unless the turn is the next one, or its parent the last one."""
        standing = self.standing(conversation)
        if turn in standing:
            return
        last = [] if parent is None else [parent]
        if len(standing) != position + len(last) or (last and standing[-1:] != last):
            raise Refused(ELSEWHERE)

    def close_turn(self, turn: Turn) -> None:
        """Complete the turn's row, finished or not. Doing it again changes nothing.

        No words come to a visitor whose data was deleted meanwhile.
        """
        draw, usage = turn.draw, turn.usage
        with self.writing():
            self._write(
                """
                UPDATE turns SET reply = :reply, member = :member, chance = :chance,
                    chances = :chances, ahead = :ahead, finished = :finished, finish = :finish,
                    error = :error, ttft_s = :ttft_s, seconds = :seconds,
                    prompt_tokens = :prompt_tokens, cached_tokens = :cached_tokens,
                    completion_tokens = :completion_tokens, cut_turns = :cut_turns,
                    features = :features
                WHERE id = :id""",
                {
                    "id": turn.id,
                    "reply": turn.reply if self.keep_texts else None,
                    "member": draw and draw.member,
                    "chance": draw and draw.chance,
                    "chances": draw and json.dumps(dict(draw.chances)),
                    "ahead": bool(draw and draw.ahead),
                    "finished": turn.finished,
                    "finish": usage.finish,
                    "error": turn.error,
                    "ttft_s": turn.ttft_s,
                    "seconds": turn.seconds,
                    "prompt_tokens": usage.prompt_tokens,
                    "cached_tokens": usage.cached_tokens,
                    "completion_tokens": usage.completion_tokens,
                    "cut_turns": usage.cut_turns,
                    "features": json.dumps(features(turn.prompt, turn.reply)),
                },
            )
            self.replied(turn.id, turn.finished)
            self.scrub_again(turn.id)

    def feedback(self, turn_id: str, visitor: str, value: int | None) -> None:
        """Thumbs up (1), down (-1) or neither (None), by the visitor who was answered only."""
        if value not in (-1, 1, None):
            raise Refused("Feedback is a thumb up, a thumb down, or neither.")
        with self.writing():
            before = self._row("SELECT feedback FROM turns WHERE id = ?", (turn_id,))
            self._mark(turn_id, visitor, "feedback", value, kinds=("chat", "battle"))
            self.liked(turn_id, before[0], value)

    def undo_turn(self, turn_id: str, visitor: str) -> None:
        """Take the last turn out of its conversation; its row stays. Not in a battle."""
        with self.writing():
            self._mark(turn_id, visitor, "undone", 1, kinds=("chat",))
            later = self._row(
                "SELECT 1 FROM turns t JOIN turns u USING (conversation)"
                " WHERE t.id = ? AND (u.parent = t.id OR u.position > t.position AND NOT u.undone)",
                (turn_id,),
            )
            if later:
                raise Refused(ELSEWHERE)

    def _mark(
        self, turn_id: str, visitor: str, column: str, value: int | None, kinds: tuple[str, ...]
    ) -> None:
        with self.writing():
            owner = self._row(
                "SELECT c.visitor, c.kind FROM turns t JOIN conversations c"
                " ON c.id = t.conversation WHERE t.id = ?",
                (turn_id,),
            )
            if owner is None or owner[0] != visitor:
                raise Refused("This reply is not part of a conversation of yours.")
            if owner[1] not in kinds:
                raise Refused("What was said in a battle stays said.")
            self._write(
                f"UPDATE turns SET {column} = ?, marked = ? WHERE id = ?",
                (value, self.clock(), turn_id),
            )
