"""Conversations and their turns: texts, draws, thumbs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from arena.db.database import Database
from arena.db.repositories.drafts import Drafts
from arena.db.repositories.votes.publication import Publication
from arena.db.turn_features import features
from arena.models import HIDDEN_ERROR, Refused
from blend.conversation import Conversation, Draw, Sentence, Turn, Usage

ACTIVE = (
    "NOT t.undone AND NOT EXISTS (SELECT 1 FROM turns r WHERE r.conversation = t.conversation"
    " AND r.position = t.position AND r.parent = t.id)"
)
"""Of the turns `t` those that were not undone, and that no other one, at the same place, stands
for."""

TURNS = f"""
    SELECT id, prompt, reply, finished, error, member, chance, chances, ahead, sentences, ttft_s,
        seconds, feedback, feedback_reasons, prompt_tokens, cached_tokens, completion_tokens,
        cut_turns, finish
    FROM turns t WHERE conversation = ?1 AND {ACTIVE} ORDER BY position, rowid"""


@dataclass(frozen=True, slots=True)
class Conversations:
    """Rows are added and completed, never deleted."""

    db: Database

    def open(
        self,
        conversation: Conversation,
        visitor: str,
        contender_id: str,
        kind: Literal["chat", "battle"],
        preview: bool = False,
        publishable: bool = False,
    ) -> None:
        """The conversation's row. Opening it again is harmless; raises Refused if another's.

        preview: the host looks at an arm; such a conversation is no visit and no evidence.
        publishable: the page said that it may be published, and the visitor did not say no there.
        """
        id, system = conversation.id, conversation.system if self.db.keep_texts else None
        with self.db.transaction():
            offered = publishable and not preview
            may = int(offered and not Publication(self.db).is_private(visitor))
            row = {"id": id, "visitor": visitor, "contender": contender_id, "kind": kind}
            row |= {"system": system, "created": self.db.clock(), "preview": preview}
            row |= {"publishable": may}
            self.db.insert("conversations", row, [tuple(row.values())])
            owner = self.db.query_one("SELECT visitor FROM conversations WHERE id = ?", (id,))
            if owner != (visitor,):
                raise Refused("refusals.foreign_conversation")

    def start_turn(
        self, conversation_id: str, position: int, turn: Turn, parent: str | None = None
    ) -> bool:
        """The turn's row, before its first token; whether it is new: starting it again is harmless.

        position: 0 for the first. parent: the id of the turn that a regenerated one stands for.
        Raises Refused where the conversation is a battle's and no message was let in, where it went
        on in another window, and where its visitor deleted it.
        """
        with self.db.transaction():
            if self.db.query_one(
                "SELECT 1 FROM conversations WHERE id = ? AND deleted IS NOT NULL",
                (conversation_id,),
            ):
                raise Refused("refusals.deleted_conversation")
            battle = self.db.query_one(
                "SELECT status FROM battles WHERE left_conversation = ?1"
                " UNION ALL SELECT status FROM battles WHERE right_conversation = ?1",
                (conversation_id,),
            )
            if battle not in (None, ("streaming",)):
                raise Refused("refusals.no_reply_now")
            self._check_order(conversation_id, position, turn.id, parent)
            prompt = turn.prompt if self.db.keep_texts else None
            noted = json.dumps(features(turn.prompt, ""))
            added = self.db.insert(
                "turns",
                ("id", "conversation", "position", "prompt", "parent", "features", "opened"),
                [(turn.id, conversation_id, position, prompt, parent, noted, self.db.clock())],
            )
        return bool(added)

    def active_turns(self, conversation: str) -> list[str]:
        """The ids of its turns in order, without what was undone or regenerated."""
        rows = self.db.query(
            f"SELECT id FROM turns t WHERE conversation = ?1 AND {ACTIVE} ORDER BY position, rowid",
            (conversation,),
        )
        return [id for (id,) in rows]

    def _check_order(self, conversation: str, position: int, turn: str, parent: str | None) -> None:
        """Raise Refused unless the turn is the next one, or its parent the last one."""
        active = self.active_turns(conversation)
        if turn in active:
            return
        last = [] if parent is None else [parent]
        if len(active) != position + len(last) or (last and active[-1:] != last):
            raise Refused("refusals.elsewhere")

    def finish_turn(self, turn: Turn) -> None:
        """Complete the turn's row, finished or not. Doing it again changes nothing."""
        draw, usage = turn.draw, turn.usage
        values = {
            "reply": turn.reply if self.db.keep_texts else None,
            "member": draw and draw.member,
            "chance": draw and draw.chance,
            "chances": draw and json.dumps(dict(draw.chances)),
            "ahead": bool(draw and draw.ahead),
            "sentences": json.dumps([s.row() for s in turn.sentences]) if turn.sentences else None,
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
        }
        columns = ", ".join(f"{name} = :{name}" for name in values)
        self.db.execute(f"UPDATE turns SET {columns} WHERE id = :id", {"id": turn.id, **values})

    def set_feedback(self, turn_id: str, visitor: str, value: int | None) -> int | None:
        """Thumbs up (1), down (-1) or neither (None), by the visitor who was answered only; what it
        was before. Another thumb has none of the reasons for the one before."""
        if value not in (-1, 1, None):
            raise Refused("refusals.no_thumb")
        with self.db.transaction():
            before = self.db.query_one("SELECT feedback FROM turns WHERE id = ?", (turn_id,))
            changed = before != (value,)
            reasons = {"feedback_reasons": None} if changed else {}
            self._mark(turn_id, visitor, ("chat", "battle"), feedback=value, **reasons)
        return before[0]

    def set_feedback_reason(
        self, turn_id: str, visitor: str, value: int, reason: str, given: bool
    ) -> tuple[str, ...]:
        """Give a reason for the thumb of a turn, or take it back; all reasons that stand then.

        value: the thumb that it is for; Refused where there is another one by now. Whether it is a
        reason of this site is the caller's to check.
        """
        with self.db.transaction():
            row = self.db.query_one(
                "SELECT feedback, feedback_reasons FROM turns WHERE id = ?", (turn_id,)
            )
            if row is None or row[0] != value:
                raise Refused("refusals.elsewhere")
            others = [each for each in json.loads(row[1] or "[]") if each != reason]
            reasons = [*others, reason] if given else others
            stored = json.dumps(reasons, ensure_ascii=False) if reasons else None
            self._mark(turn_id, visitor, ("chat", "battle"), feedback_reasons=stored)
        return tuple(reasons)

    def undo_turn(self, turn_id: str, visitor: str) -> None:
        """Take the last turn out of its conversation; its row stays. Not in a battle."""
        with self.db.transaction():
            self._mark(turn_id, visitor, ("chat",), undone=1)
            later = self.db.query_one(
                "SELECT 1 FROM turns t JOIN turns u USING (conversation)"
                " WHERE t.id = ? AND (u.parent = t.id OR u.position > t.position AND NOT u.undone)",
                (turn_id,),
            )
            if later:
                raise Refused("refusals.elsewhere")

    def _mark(
        self, turn_id: str, visitor: str, kinds: tuple[str, ...], **values: int | str | None
    ) -> None:
        """Change columns of a turn of the visitor's. Raises Refused."""
        owner = self.db.query_one(
            "SELECT c.visitor, c.kind FROM turns t JOIN conversations c"
            " ON c.id = t.conversation WHERE t.id = ?",
            (turn_id,),
        )
        if owner is None or owner[0] != visitor:
            raise Refused("refusals.foreign_reply")
        if owner[1] not in kinds:
            raise Refused("refusals.stays_said")
        columns = ", ".join(f"{name} = ?" for name in (*values, "marked"))
        self.db.execute(
            f"UPDATE turns SET {columns} WHERE id = ?",
            (*values.values(), self.db.clock(), turn_id),
        )

    def dismiss(self, ids: Iterable[str], visitor: str) -> None:
        """Leave these of the visitor's conversations: a reload does not bring them back."""
        self.db.executemany(
            "UPDATE conversations SET put_away = 1 WHERE id = ? AND visitor = ?",
            [(id, visitor) for id in ids],
        )

    def is_chat(self, id: str, visitor: str) -> bool:
        """Whether it is a chat of this visitor's that they did not delete, no side of a battle."""
        return (
            self.db.query_one(
                "SELECT 1 FROM conversations"
                " WHERE id = ? AND visitor = ? AND kind = 'chat' AND deleted IS NULL",
                (id, visitor),
            )
            is not None
        )

    def contender_name(self, id: str, visitor: str) -> str | None:
        """Who writes this chat of the visitor's, by name; None where there is no such chat."""
        row = self.db.query_one(
            "SELECT n.name FROM conversations c JOIN contenders n ON n.id = c.contender"
            " WHERE c.id = ? AND c.visitor = ? AND c.kind = 'chat'",
            (id, visitor),
        )
        return row and row[0]

    def load(self, id: str, visitor: str) -> Conversation | None:
        """This visitor's conversation as it stands, without what was undone or regenerated.

        None where there is none, it is another's, or its texts were not kept. Before the vote the
        turns of a blind battle come without what could tell the contender: draws, drafts, counts,
        times, and the words of an error. A draw made ahead is not stored.
        """
        with self.db.locked():
            row = self.db.query_one(
                "SELECT c.system, c.kind = 'chat' OR EXISTS (SELECT 1 FROM battles b"
                " WHERE (b.left_conversation = c.id OR b.right_conversation = c.id)"
                " AND (b.status = 'voted' OR b.source = 'named'))"
                " FROM conversations c WHERE c.id = ? AND c.visitor = ?",
                (id, visitor),
            )
            turns = self.db.query(TURNS, (id,))
            drafts = Drafts(self.db).of(id) if row and row[1] else {}
        if row is None or row[0] is None or any(turn[1] is None for turn in turns):
            return None
        make = _turn if row[1] else _blind_turn
        made = (replace(make(*turn), selection=drafts.get(turn[0])) for turn in turns)
        return Conversation(id, row[0], tuple(made))


def _turn(
    id: str, prompt: str, reply: str | None, finished: int, error: str | None, *rest: Any
) -> Turn:
    """A row of TURNS."""
    member, chance, chances, ahead, sentences, ttft_s, seconds, feedback, reasons, *usage = rest
    return replace(
        _blind_turn(id, prompt, reply, finished, error),
        draw=member and Draw(member, chance, json.loads(chances), bool(ahead)),
        sentences=tuple(map(Sentence.of_row, json.loads(sentences or "[]"))),
        error=error,
        ttft_s=ttft_s,
        seconds=seconds,
        feedback=feedback,
        feedback_reasons=tuple(json.loads(reasons or "[]")),
        usage=Usage(*usage),
    )


def _blind_turn(
    id: str, prompt: str, reply: str | None, finished: int, error: str | None, *_: Any
) -> Turn:
    """What both sides of a battle may show: an error can hold a name, token counts can betray."""
    return Turn(prompt, reply or "", finished=bool(finished), error=error and HIDDEN_ERROR, id=id)
