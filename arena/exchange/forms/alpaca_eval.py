"""AlpacaEval's annotations: two outputs for an instruction, and a preference from 1 to 2.

https://github.com/tatsu-lab/alpaca_eval
"""

import math
from collections.abc import Iterator
from reprlib import repr as brief

from arena.db.turn_features import prompt_hash
from arena.exchange.forms.form import FormRow, NoVote, VoteForm


def _votes(row: FormRow) -> Iterator[FormRow]:
    parts = row.get("instruction"), row.get("input")
    prompt = "\n\n".join(part for part in parts if part and isinstance(part, str))
    annotator = row.get("annotator_index")
    yield {
        "left": row["generator_1"],
        "right": row["generator_2"],
        "winner": _winner(row["preference"]),
        "visitor": row.get("annotator") if annotator is None else annotator,
        "prompt": prompt,
        "response_a": row.get("output_1"),
        "response_b": row.get("output_2"),
        # One annotation of an instruction: the same two models meet on hundreds.
        "id": prompt_hash(prompt),
    }


def _winner(preference: object) -> str:
    """By AlpacaEval's own count: below 1.5 the first, above it the second; 0 is an older tie."""
    try:
        number = float(preference if preference is not None else math.nan)
    except (TypeError, ValueError):
        number = math.inf
    if math.isnan(number):
        raise NoVote("the annotator gave no preference")
    if number != 0 and not 1 <= number <= 2:
        raise ValueError(f"its preference {brief(preference)} is no number from 1 to 2")
    return "tie" if number in (0, 1.5) else "left" if number < 1.5 else "right"


ALPACA_EVAL = VoteForm(
    "AlpacaEval's annotations", frozenset({"generator_1", "generator_2", "preference"}), _votes
)
