"""What an export shows of each row: visitors under pseudonyms, texts only on request."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from arena.db.rows import REASONS, STYLE
from arena.db.turn_features import features
from arena.exchange.foreign_votes import was_blind

Row = dict[str, object]

WINNERS = {"left": "model_a", "right": "model_b", "tie": "tie", "both_bad": "tie (bothbad)"}
"""Our choices in the words of Chatbot Arena's published battles."""

CONTENDERS = dict.fromkeys(("id", "name", "config"), str)

BATTLES = {
    **dict.fromkeys(("id", "visitor", "left", "right"), str),
    **dict.fromkeys(("left_conversation", "right_conversation"), str),
    **{"pair_chance": float, "policy": str, "status": str, "turns": int, "leaked": bool},
    **{"prompt_hash": str, "language": str, "tags": list, "tag_rules": str},
    **{"source": str, "void_reason": str, "created": float},
}

VOTES = {
    **dict.fromkeys(("battle", "model_a", "model_b", "winner", "judge"), str),
    **{"turn": int, "anony": bool, "language": str, "tags": list, "tstamp": float},
    **{"contender_a": str, "contender_b": str, "counted": bool},
    **{"reason": str, "rules": str, "source": str, "pair_chance": float},
    **dict.fromkeys(("prompt_characters", *STYLE), int),
    **dict.fromkeys(REASONS, list),
}
"""What is a list holds texts."""

TURNS = {
    **{"id": str, "conversation": str, "position": int},
    **dict.fromkeys(("kind", "visitor", "contender", "battle", "side", "member"), str),
    **{"chance": float, "chances": str, "ahead": bool, "sentences": str, "drafts": str},
    **{"finished": bool, "finish": str, "failed": bool, "ttft_s": float, "seconds": float},
    **dict.fromkeys(("prompt_tokens", "cached_tokens", "completion_tokens", "cut_turns"), int),
    **{"parent": str, "undone": bool, "feedback": int, "feedback_reasons": list},
    **{name: type(value) for name, value in features("", "").items()},
}

COMMENT = {"comment": str}
TEXTS = dict.fromkeys(("system", "prompt", "reply", "error"), str)


@dataclass(frozen=True, slots=True)
class ExportColumns:
    """How much an export tells. A key of None leaves visitors' ids as they are.

    A keyed hash (HMAC-SHA-256) is the same wherever the same key is used and cannot be guessed
    without it. It goes over the hash of a prompt as well: who guesses a short prompt could check
    the guess.
    """

    key: bytes | None
    texts: bool

    def columns(self) -> Mapping[str, Mapping[str, type]]:
        """The columns of each file, with their types."""
        votes, turns = (VOTES | COMMENT, TURNS | TEXTS) if self.texts else (VOTES, TURNS)
        return {"contenders": CONTENDERS, "battles": BATTLES, "votes": votes, "turns": turns}

    def battle(self, row: Row) -> Row:
        """A battle as it leaves."""
        hidden = self._pseudonym(row["prompt_hash"], "p-")
        visitor = self.visitor(row["visitor"])
        return row | {"visitor": visitor, "prompt_hash": hidden, "tags": _tags(row)}

    def vote(self, row: Row, names: Mapping[str, str]) -> Row:
        """A vote as it leaves; `names` tells each contender's by its id.

        `anony` is Chatbot Arena's word for blind. good_a: why the voter found model_a good, bad_a:
        what was wrong with it; null where they gave no reason.
        """
        given = sorted(json.loads(row["reasons"]))
        reasons = {
            name: [reason for *about, reason in given if tuple(about) == column] or None
            for name, column in REASONS.items()
        }
        return (
            row
            | reasons
            | {
                "model_a": names[row["left"]],
                "model_b": names[row["right"]],
                "winner": WINNERS[row["choice"]],
                "judge": self.visitor(row["visitor"]),
                "contender_a": row["left"],
                "contender_b": row["right"],
                "turn": row["turns"] or None,
                "tags": _tags(row),
                "anony": was_blind(row["reason"]),
                "tstamp": row["created"],
            }
        )

    def turn(self, row: Row) -> Row:
        """A turn as it leaves: its features, its words only where they are asked for.

        feedback_reasons: why it has its thumb; null where the visitor gave no reason. drafts: of a
        turn that a panel answered, as JSON, in the order in which the judge read them.
        """
        seen = json.loads(row["features"])
        seen["prompt_hash"] = self._pseudonym(seen.get("prompt_hash"), "p-")
        seen["feedback_reasons"] = json.loads(row["feedback_reasons"] or "null")
        visitor, drafts = self.visitor(row["visitor"]), json.loads(row["drafts"])
        if not self.texts:
            drafts = [{k: v for k, v in each.items() if k != "text"} for each in drafts]
        seen["drafts"] = json.dumps(drafts, ensure_ascii=False) if drafts else None
        return row | seen | {"visitor": visitor}

    def visitor(self, id: str) -> str:
        """What stands for a visitor wherever one leaves."""
        return self._pseudonym(id, "v-")

    def _pseudonym(self, value: str | None, sign: str) -> str | None:
        if value is None or self.key is None:
            return value
        return sign + hmac.digest(self.key, value.encode(), "sha256").hex()[:24]


def _tags(row: Row) -> list[str] | None:
    """The categories of the first message; None where nobody could look."""
    return None if row["tags"] is None else json.loads(row["tags"])
