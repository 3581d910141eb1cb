"""compar:IA's votes: a chosen model, or both equal, and qualities of each side; and its turns.

https://github.com/betagouv/ComparIA (utils/schemas/votes.sql). Since 2026 the names of the models
lie with the conversations, in a file of their own; the newest set has one row for each turn of a
comparison instead (utils/dataset), and a choice on those turns where the visitor made one.
"""

from collections.abc import Iterator
from reprlib import repr as brief

from arena.exchange.forms.form import FormRow, NoVote, VoteForm, comment_of, first_turns, mapping

GOOD = ("useful", "complete", "creative", "clear_formatting")
BAD = ("incorrect", "superficial", "instructions_not_followed")
CONVERSATIONS = ("conversation_a", "conversation_b")
SAYS_YES = (True, 1, "true", "True", "t")


def check_names(row: FormRow) -> None:
    """Raise ValueError where the models are named in another file."""
    if not row.get("model_a_name") or not row.get("model_b_name"):
        raise ValueError(
            "it has no model_a_name and model_b_name: join them to it from compar:IA's"
            " conversations, by conversation_pair_id"
        )


def counted_turns(row: FormRow) -> FormRow:
    """The column that counts a conversation's turns, empty where it says 0, as it does for one
    conversation in ten: then the messages are counted."""
    turns = row.get("conv_turns")
    return {"conv_turns": None if str(turns) in ("0", "0.0") else turns}


def _votes(row: FormRow) -> Iterator[FormRow]:
    check_names(row)
    if not row.get("chosen_model_name") and row.get("both_equal") not in SAYS_YES:
        raise NoVote("no model was chosen, and they were not called equal")
    comments = [(side, row.get(f"conv_comments_{side.lower()}")) for side in "AB"]
    yield {
        **row,
        **counted_turns(row),
        **{f"good_{side}": _named(row, "conv_{}_" + side, GOOD) for side in "ab"},
        **{f"bad_{side}": _named(row, "conv_{}_" + side, BAD) for side in "ab"},
        "comment": comment_of(*(f"{side}: {text}" for side, text in comments if text)),
    }


def _named(row: FormRow, column: str, qualities: tuple[str, ...]) -> list[str]:
    """The qualities whose column of that name says yes; {} stands for the quality."""
    return [each for each in qualities if row.get(column.format(each)) in SAYS_YES]


COMPARIA_VOTES = VoteForm(
    "compar:IA's votes",
    frozenset({"conversation_pair_id", "chosen_model_name", "both_equal"}),
    _votes,
)


def _turn_votes(row: FormRow) -> Iterator[FormRow]:
    """Every row has the whole conversations; the visitor saw them up to the turn of the choice."""
    if not row["choice"]:
        raise NoVote("nothing was chosen on this turn")
    if not row.get("model_a") or not row.get("model_b"):
        raise NoVote("one of its models has no name")
    turns = _turns(row["turn"])
    yield {
        **{name: row[name] for name in ("model_a", "model_b")},
        "winner": row["choice"],
        **{name: first_turns(row[f"full_{name}"], turns) for name in CONVERSATIONS},
        "turns": turns,
        "time": row.get("timestamp"),
        "languages": mapping(row.get("metadata")).get("languages"),
        "counted": row.get("excluded") not in SAYS_YES,
        "battle": f"comparia turn {row['response_id']}",
    }


def _turns(number: object) -> int:
    """How many messages the visitor has sent by a turn, which are numbered from 0."""
    try:
        return int(str(number)) + 1
    except ValueError:
        raise ValueError(f"its turn {brief(number)} is not a whole number") from None


COMPARIA_TURNS = VoteForm(
    "compar:IA's turns",
    frozenset({"response_id", "choice", "turn", *(f"full_{name}" for name in CONVERSATIONS)}),
    _turn_votes,
)
