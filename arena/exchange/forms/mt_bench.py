"""MT-Bench's judgments, by people or by a model: the vote is on the first turns of two answers.

https://huggingface.co/datasets/lmsys/mt_bench_human_judgments
"""

from collections.abc import Iterator

from arena.exchange.forms.form import FormRow, VoteForm, first_turns

CONVERSATIONS = ("conversation_a", "conversation_b")


def _votes(row: FormRow) -> Iterator[FormRow]:
    """All rows have both turns; the judgment of turn 1 was given when only that was there."""
    turn, judge = row["turn"], row["judge"]
    cut = {name: first_turns(row.get(name), turn) for name in CONVERSATIONS}
    yield {**row, **cut, "judge": " ".join(map(str, judge)) if isinstance(judge, list) else judge}


MT_BENCH = VoteForm(
    "MT-Bench's judgments",
    frozenset({"question_id", "judge", "turn", *CONVERSATIONS, "winner"}),
    _votes,
    without=frozenset({"tstamp"}),  # Chatbot Arena's first set has it, and other turns
)
