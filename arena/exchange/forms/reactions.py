"""compar:IA's reactions: each reply liked or disliked, so that the two replies to one message make
a vote.

https://github.com/betagouv/ComparIA (utils/schemas/reactions.sql). Who won is read as compar:IA
does (backfill_choices_from_reactions.py): a reply is good where all that was said of it is good,
bad where all is bad. Good beats what is not good, and what is not bad beats bad; two good ones are
a tie, two bad ones are both bad.
"""

from collections.abc import Iterable, Iterator

from arena.exchange.forms.comparia import BAD, GOOD, SAYS_YES, check_names, counted_turns
from arena.exchange.forms.form import FormRow, NoVote, VoteForm, Votes, comment_of, first_turns
from arena.exchange.transcript import as_list

WINNERS = {
    **{(1, 1): "tie", (-1, -1): "both_bad"},
    **dict.fromkeys(((1, 0), (1, -1), (0, -1)), "model_a"),
    **dict.fromkeys(((0, 1), (-1, 1), (-1, 0)), "model_b"),
}
"""By what was said of the replies of a and of b: good 1, bad -1."""

FLAGS = (*("liked", *GOOD), *("disliked", *BAD))
SIDES = "ab"
GOODS, BADS = (1 << (1 + len(GOOD))) - 1, ((1 << (1 + len(BAD))) - 1) << (1 + len(GOOD))
"""Bits of the flags of a side, by their place in FLAGS."""

REACTION = frozenset({"conversation_pair_id", "msg_rank", "model_pos"})


def survey(rows: Iterable[FormRow]) -> Votes:
    """Read what is said of both replies to each message, for they are two rows of the file."""
    reactions: dict[int, int] = {}  # by the message; as bits, for there may be a million
    comments: dict[int, list[str]] = {}
    for row in rows:
        if isinstance(row, dict) and row.keys() >= REACTION and row["model_pos"] in (*SIDES,):
            message, side = _message(row), row["model_pos"]
            bits = sum(1 << n for n, flag in enumerate(FLAGS) if row.get(flag) in SAYS_YES)
            shift = len(FLAGS) * SIDES.index(side)
            reactions[message] = reactions.get(message, 0) | bits << shift
            if isinstance(comment := row.get("comment"), str):
                comments.setdefault(message, []).append(f"{side.upper()}: {comment}")
    return lambda row: _votes(row, reactions, comments)


def _votes(
    row: FormRow, reactions: dict[int, int], comments: dict[int, list[str]]
) -> Iterator[FormRow]:
    if row["model_pos"] not in (*SIDES,):
        raise ValueError(f"its model_pos {row['model_pos']!r} is neither a nor b")
    check_names(row)
    if not row["conversation_pair_id"]:
        raise ValueError("it has no conversation_pair_id")
    bits = reactions.pop(_message(row), None)
    if bits is None:
        raise NoVote("it is read with the reaction to the other reply")
    sides = {side: bits >> len(FLAGS) * n & (GOODS | BADS) for n, side in enumerate(SIDES)}
    moods = tuple(_mood(flags) for flags in sides.values())
    if (winner := WINNERS.get(moods)) is None:
        raise NoVote("nothing clear was said of either reply")
    vote = {**row, **counted_turns(row), "winner": winner}
    vote["comment"] = comment_of(*comments.get(_message(row), ()))
    for side, flags in sides.items():
        named = [flag for n, flag in enumerate(FLAGS) if flags >> n & 1]
        vote[f"good_{side}"] = [flag for flag in named if flag in GOOD]
        vote[f"bad_{side}"] = [flag for flag in named if flag in BAD]
    yield {**vote, **_until(row), "battle": f"comparia {_message_id(row)}"}


def _mood(flags: int) -> int:
    return bool(flags & GOODS and not flags & BADS) - bool(flags & BADS and not flags & GOODS)


def _until(row: FormRow) -> FormRow:
    """Both conversations up to the reply, where it is found in its own."""
    messages = as_list(row.get(f"conversation_{row['model_pos']}")) or []
    asked = 0
    for each in messages:
        if isinstance(each, dict):
            asked += each.get("role") == "user"
            if each.get("content") == row.get("response_content") and asked:
                names = (f"conversation_{side}" for side in SIDES)
                return {name: first_turns(row.get(name), asked) for name in names} | {
                    "turns": asked
                }
    return {}


def _message(row: FormRow) -> int:
    """A number for the message that the row's reply answers: it takes little memory."""
    return hash(_message_id(row))


def _message_id(row: FormRow) -> str:
    return f"{row['conversation_pair_id']} {row['msg_rank']}"


COMPARIA_REACTIONS = VoteForm(
    "compar:IA's reactions", REACTION | {"liked", "disliked"}, lambda row: (), survey=survey
)
