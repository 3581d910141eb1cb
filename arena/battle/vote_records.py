"""All that is stored of one visitor's votes, as values that they can take along."""

from dataclasses import asdict
from datetime import UTC, datetime

from arena.db.repositories.votes.visitor_votes import VoteRecord
from arena.db.store import Store
from arena.votes.reasons import KINDS
from blend.conversation import Conversation

FORMAT = "blended-arena-votes/1"


def vote_records(store: Store, visitor: str) -> dict[str, object]:
    """The visitor's votes for JSON, with reasons, comments and, where they are kept, the texts.

    Of a battle without a vote nothing is told. Raises StoreError. Blocks.
    """
    votes = [_record(store, visitor, vote) for vote in store.visitor_votes.records(visitor)]
    return {"format": FORMAT, "visitor": visitor, "votes": votes}


def _record(store: Store, visitor: str, vote: VoteRecord) -> dict[str, object]:
    notes = store.vote_reasons.of(vote.battle, visitor)
    record = asdict(vote) | {
        "created": datetime.fromtimestamp(vote.created, UTC).isoformat(timespec="seconds"),
        "reasons": {
            side: {kind: list(notes.reasons.get(side, ()))}
            for side, kind in KINDS[vote.choice].items()
        },
        "comment": notes.comment or None,
        "ratings": vote.change and dict(zip(("left", "right"), vote.change, strict=True)),
        "turns": _turns(*(store.conversations.load(id, visitor) for id in vote.conversations)),
    }
    del record["conversations"], record["change"]
    return record


def _turns(left: Conversation | None, right: Conversation | None) -> list[dict[str, str]] | None:
    """What was said, message by message; None where the texts were not kept."""
    if left is None or right is None:
        return None
    return [
        {"prompt": one.prompt, "left": one.reply, "right": two.reply}
        for one, two in zip(left.turns, right.turns, strict=False)
    ]
