"""Votes in the columns of arena-human-preference-140k, as arena-rank and its readers load them.

The columns and their types are those of
https://huggingface.co/datasets/lmarena-ai/arena-human-preference-140k
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arena.db.repositories.votes.judgements import ConversationText, JudgedVote
from arena.db.turn_features import FENCE
from arena.exchange.datasets.markdown_counts import markdown_counts, token_estimate
from arena.exchange.datasets.messages import messages
from arena.exchange.export_columns import ExportColumns

if TYPE_CHECKING:
    from pyarrow import DataType, Schema

Row = dict[str, object]

BATTLES = {
    "id": "The vote.",
    "model_a": "Who wrote the replies on the left. A blend of several models is one contender.",
    "model_b": "Who wrote those on the right.",
    "winner": "`model_a`, `model_b`, `tie` or `both_bad`.",
    "evaluation_session_id": "A pseudonym of the visitor: equal where the same person voted.",
    "evaluation_order": "Which of that visitor's votes in this file it is, from 1 on, by time.",
    "conversation_a": "What was said on the left, as messages whose content is a list of parts;"
    " null without words.",
    "conversation_b": "The same of the right.",
    "full_conversation": "Both at once: each message of the visitor with the replies of both"
    " sides. Every battle begins a new conversation, so nothing of earlier votes is in it.",
    "conv_metadata": "Lengths and markdown of each side. Tokens are characters divided by four,"
    " since every model counts by its own vocabulary. The counts of markdown are null where the"
    " words were not kept.",
    "category_tag": "Categories of the first message; null where it was not tagged.",
    "language": "Language of the first message, two letters; `und` where nothing tells it.",
    "is_code": "Whether a message holds a block of code; null where the words were not kept.",
    "timestamp": "When the vote came, in UTC.",
}

WINNERS = {"left": "model_a", "right": "model_b", "tie": "tie", "both_bad": "both_bad"}

METADATA = (
    *("sum_user_tokens", "sum_assistant_a_tokens", "context_a_tokens"),
    *("header_count_a", "list_count_a", "bold_count_a"),
    *("sum_assistant_b_tokens", "context_b_tokens"),
    *("header_count_b", "list_count_b", "bold_count_b", "turns"),
)

CRITERIA = (
    *("complexity", "creativity", "domain_knowledge", "problem_solving", "real_world"),
    *("specificity", "technical_accuracy"),
)


def battle_schema() -> "Schema":
    """The columns of BATTLES with the types of the published set."""
    import pyarrow

    text, small, large = pyarrow.string(), pyarrow.int32(), pyarrow.int64()
    part = [("type", text), ("text", text), ("image", text), ("mimeType", text)]
    message = pyarrow.struct([("role", text), ("content", pyarrow.list_(pyarrow.struct(part)))])
    sides = ("user", "model_side_a", "model_side_b")
    full = pyarrow.struct([(name, message) for name in sides])
    counts = {
        "header_count": [(f"h{level}", large) for level in range(1, 7)],
        "list_count": [("ordered", large), ("unordered", large)],
        "bold_count": [("**", large), ("__", large)],
    }
    sums = [
        (name, pyarrow.struct(counts[name[:-2]]) if name[:-2] in counts else small)
        for name in METADATA
    ]
    return pyarrow.schema(
        [
            *((name, text) for name in ("id", "model_a", "model_b", "winner")),
            ("evaluation_session_id", text),
            ("evaluation_order", small),
            ("conversation_a", pyarrow.list_(message)),
            ("conversation_b", pyarrow.list_(message)),
            ("full_conversation", pyarrow.list_(full)),
            ("conv_metadata", pyarrow.struct(sums)),
            ("category_tag", _category_type()),
            ("language", text),
            ("is_code", pyarrow.bool_()),
            ("timestamp", pyarrow.timestamp("us")),
        ]
    )


def _category_type() -> "DataType":
    import pyarrow

    yes, text, number = pyarrow.bool_(), pyarrow.string(), pyarrow.int64()
    parts = {
        "creative_writing_v0.1": [("creative_writing", yes), ("score", text)],
        "criteria_v0.1": [(name, yes) for name in CRITERIA],
        "if_v0.1": [("if", yes), ("score", number)],
        "math_v0.1": [("math", yes)],
    }
    return pyarrow.struct([(name, pyarrow.struct(fields)) for name, fields in parts.items()])


@dataclass(frozen=True, slots=True)
class BattleTable:
    """names: of the contenders, by their ids. shown: how much is told of words and visitors."""

    names: Mapping[str, str]
    shown: ExportColumns

    def rows(self, votes: Iterable[JudgedVote]) -> Iterator[Row]:
        """A row for each vote; without its words where they were not kept or not asked for."""
        orders: Counter[str] = Counter()
        for vote in votes:
            orders[vote.visitor] += 1
            told = vote.texts if self.shown.texts else ()
            yield {
                "id": vote.battle,
                "model_a": self.names[vote.left],
                "model_b": self.names[vote.right],
                "winner": WINNERS[vote.choice],
                "evaluation_session_id": self.shown.visitor(vote.visitor),
                "evaluation_order": orders[vote.visitor],
                **_conversations(told),
                "conv_metadata": _metadata(vote),
                "category_tag": None,
                "language": vote.language,
                "is_code": _has_code(vote.texts) if vote.texts else None,
                "timestamp": _moment(vote.created),
            }


def _conversations(texts: Sequence[ConversationText]) -> Row:
    if not texts:
        return dict.fromkeys(("conversation_a", "conversation_b", "full_conversation"))
    left, right = ([_message(*m.values()) for m in messages(text)] for text in texts)
    both = zip(*(text.turns for text in texts), strict=False)
    full = [
        {
            "user": _message("user", prompt),
            "model_side_a": _message("assistant", one),
            "model_side_b": _message("assistant", other),
        }
        for (prompt, one), (_, other) in both
    ]
    return {"conversation_a": left, "conversation_b": right, "full_conversation": full}


def _message(role: str, content: str) -> Row:
    part = {"type": "text", "text": content, "image": None, "mimeType": None}
    return {"role": role, "content": [part]}


def _metadata(vote: JudgedVote) -> Row:
    """Lengths and markdown of each side; those that only words tell are null without them."""
    row: Row = dict.fromkeys(METADATA) | {"turns": vote.turns or None}
    if vote.texts:
        asked = sum(len(prompt) for prompt, _ in vote.texts[0].turns)
        row |= {"sum_user_tokens": token_estimate(asked), "turns": len(vote.texts[0].turns)}
    for n, side in enumerate("ab"):
        characters = vote.characters[n]
        if vote.texts:
            turns = vote.texts[n].turns
            replies = [reply for _, reply in turns]
            characters = sum(map(len, replies))
            before = characters - len(replies[-1]) + asked + len(vote.texts[n].system)
            row[f"context_{side}_tokens"] = token_estimate(before)
            row |= {f"{name}_{side}": each for name, each in markdown_counts(replies).items()}
        known = None if characters is None else token_estimate(characters)
        row[f"sum_assistant_{side}_tokens"] = known
    return row


def _has_code(texts: Sequence[ConversationText]) -> bool:
    said = (words for text in texts for turn in text.turns for words in turn)
    return any("```" in words and FENCE.search(words) for words in said)


def _moment(created: float) -> datetime | None:
    """The time without its zone, which is UTC; None for one that no calendar has."""
    try:
        return datetime.fromtimestamp(created, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
