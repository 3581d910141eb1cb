"""Single replies that were liked or not, as TRL's KTO trainer loads them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from arena.db.repositories.votes.judgements import ConversationText, JudgedReply, JudgedVote
from arena.exchange.datasets.left_out import EMPTY, NO_TEXTS, TIE, UNFINISHED
from arena.exchange.datasets.messages import has_end, message_list, messages

if TYPE_CHECKING:
    from pyarrow import Schema

UNPAIRED = {
    "prompt": "What the reply answers: all messages of its own side before it, each with `role`"
    " and `content`.",
    "completion": "The reply: one message.",
    "label": "True for the last reply of the side that won, and for one with a thumb up; false for"
    " the side that lost, for both sides where both were bad, and for a thumb down.",
}


def unpaired_schema() -> "Schema":
    """The columns of UNPAIRED."""
    import pyarrow

    prompt, completion, label = UNPAIRED
    return pyarrow.schema(
        [(prompt, message_list()), (completion, message_list()), (label, pyarrow.bool_())]
    )


def unpaired_rows(
    votes: Iterable[JudgedVote], replies: Iterable[JudgedReply], left_out: Counter[str]
) -> Iterator[dict[str, object]]:
    """Two rows for each vote that is no tie, and one for each thumb; see UNPAIRED.

    A vote is on whole conversations. Its label goes to the last reply of each side, with all that
    came before it on that side as its prompt: here the sides need no common prompt.
    """
    for vote in votes:
        if vote.choice == "tie":
            left_out[TIE] += 1
        elif not vote.texts:
            left_out[NO_TEXTS] += 1
        elif not all(map(has_end, vote.texts)):
            left_out[EMPTY] += 1
        else:
            for side, text in zip(("left", "right"), vote.texts, strict=True):
                yield _row(text, vote.choice == side)
    for reply in replies:
        if not reply.texts:
            left_out[NO_TEXTS] += 1
        elif not has_end(reply.texts[0]):
            left_out[EMPTY] += 1
        elif not reply.finished:
            left_out[UNFINISHED] += 1
        else:
            yield _row(reply.texts[0], reply.liked)


def _row(text: ConversationText, label: bool) -> dict[str, object]:
    *prompt, completion = messages(text)
    return {"prompt": prompt, "completion": [completion], "label": label}
