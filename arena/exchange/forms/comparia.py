"""compar:IA's votes: a chosen model, or both equal, and qualities of each side.

https://github.com/betagouv/ComparIA (utils/schemas/votes.sql). Since 2026 the names of the models
lie with the conversations, in a file of their own.
"""

from collections.abc import Iterator

from arena.exchange.forms.form import FormRow, NoVote, VoteForm, comment_of

GOOD = ("useful", "complete", "creative", "clear_formatting")
BAD = ("incorrect", "superficial", "instructions_not_followed")
SAYS_YES = (True, 1, "true", "True", "t")


def check_names(row: FormRow) -> None:
    """Raise ValueError where the models are named in another file."""
    if not row.get("model_a_name") or not row.get("model_b_name"):
        raise ValueError(
            "it has no model_a_name and model_b_name: join them to it from compar:IA's"
            " conversations, by conversation_pair_id"
        )


def _votes(row: FormRow) -> Iterator[FormRow]:
    check_names(row)
    if not row.get("chosen_model_name") and row.get("both_equal") not in SAYS_YES:
        raise NoVote("no model was chosen, and they were not called equal")
    comments = [(side, row.get(f"conv_comments_{side.lower()}")) for side in "AB"]
    yield {
        **row,
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
