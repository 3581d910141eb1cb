"""Votes as rows of arena-human-preference-140k, as arena-rank and others load them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from arena.categories.category_tag import category_tag, tag_column
from arena.db.repositories.votes.judgements import ConversationText, JudgedVote
from arena.db.turn_features import FENCE
from arena.exchange.datasets.battle_columns import METADATA
from arena.exchange.datasets.markdown_counts import markdown_counts, token_estimate
from arena.exchange.datasets.messages import messages
from arena.exchange.export_columns import ExportColumns
from arena.models import Source

Row = dict[str, object]

_category_tag = lru_cache(1_000)(category_tag)
"""Many visitors begin with an opening that the page offers."""

WINNERS = {"left": "model_a", "right": "model_b", "tie": "tie", "both_bad": "both_bad"}


def battle_rows(
    votes: Iterable[JudgedVote], names: Mapping[str, str], shown: ExportColumns, source: Source
) -> Iterator[Row]:
    """A row for each vote; without its words where they were not kept or not asked for.

    names: of the contenders, by their ids. shown: how much is told of words and visitors. source:
    of the votes; this site's own have no column for it, as the published set.
    """
    orders: Counter[str] = Counter()
    for vote in votes:
        orders[vote.visitor] += 1
        yield {
            "id": vote.battle,
            "model_a": names[vote.left],
            "model_b": names[vote.right],
            "winner": WINNERS[vote.choice],
            "evaluation_session_id": shown.visitor(vote.visitor),
            "evaluation_order": orders[vote.visitor],
            **_conversations(vote.texts if shown.texts else ()),
            "conv_metadata": _metadata(vote),
            "category_tag": _categories(vote),
            "language": vote.language,
            "is_code": _is_code(vote),
            "timestamp": _moment(vote.created),
            **({} if source == "own" else {"source": source}),
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


def _categories(vote: JudgedVote) -> Row | None:
    """By the first message, or by the tags that were noted where it was not kept."""
    if vote.texts:
        return _category_tag(vote.texts[0].turns[0][0])
    return tag_column(json.loads(vote.tags)) if vote.tags is not None else None


def _is_code(vote: JudgedVote) -> bool | None:
    """Whether somebody wrote a block of code, or the first message is about code."""
    if vote.tags is None and not vote.texts:
        return None
    said = (words for text in vote.texts for turn in text.turns for words in turn)
    return "code" in json.loads(vote.tags or "[]") or any(
        "```" in words and FENCE.search(words) is not None for words in said
    )


def _moment(created: float) -> datetime | None:
    """The time without its zone, which is UTC; None for one that no calendar has."""
    try:
        return datetime.fromtimestamp(created, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
