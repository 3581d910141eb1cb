"""The columns of arena-human-preference-140k: what each means, and their types.

As in https://huggingface.co/datasets/lmarena-ai/arena-human-preference-140k
"""

from typing import TYPE_CHECKING

from arena.categories.criteria import CRITERIA

if TYPE_CHECKING:
    from pyarrow import DataType, Schema

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
    "category_tag": "Categories of the first message, by rules: what the published set has from"
    " models. The scores are null; where the words were not kept, so are the criteria.",
    "language": "Language of the first message, two letters; `und` where nothing tells it.",
    "is_code": "Whether a message holds a block of code, or the first one is about code.",
    "timestamp": "When the vote came, in UTC.",
}

SOURCE = {"source": "Whose votes: `imported`, `judged` by models, or `simulated`."}
"""One more column where they are not this site's own: whoever imports them must know."""

METADATA = (
    *("sum_user_tokens", "sum_assistant_a_tokens", "context_a_tokens"),
    *("header_count_a", "list_count_a", "bold_count_a"),
    *("sum_assistant_b_tokens", "context_b_tokens"),
    *("header_count_b", "list_count_b", "bold_count_b", "turns"),
)


def sourced_schema() -> "Schema":
    """The columns of BATTLES and SOURCE."""
    import pyarrow

    return battle_schema().append(pyarrow.field("source", pyarrow.string()))


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
        "criteria_v0.1": [(name, yes) for name in sorted(CRITERIA)],
        "if_v0.1": [("if", yes), ("score", number)],
        "math_v0.1": [("math", yes)],
    }
    return pyarrow.struct([(name, pyarrow.struct(fields)) for name, fields in parts.items()])
