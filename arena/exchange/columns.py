"""Which column of a file of votes says what, under the names that published votes give it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from arena.bulk import STYLE

NAMES: Mapping[str, tuple[str, ...]] = {
    "left": ("left", "model_a", "model_a_name"),
    "right": ("right", "model_b", "model_b_name"),
    "winner": ("winner", "chosen_model_name"),
    "left_won": ("winner_model_a",),
    "right_won": ("winner_model_b",),
    "tied": ("winner_tie", "both_equal"),
    "both_bad": ("winner_both_bad", "winner_bothbad", "winner_tie_bothbad"),
    "visitor": (
        *("visitor", "judge", "visitor_id", "judge_hash", "judge_id", "user_id", "user"),
        *("voter", "voter_id", "annotator", "annotator_id", "rater", "rater_id"),
        *("worker", "worker_id", "workerid"),
        *("evaluation_session_id", "session_id", "session_hash", "session"),
    ),
    "time": ("time", "tstamp", "timestamp", "created_at", "created", "datetime", "date"),
    "turns": ("turns", "turn", "conv_turns"),
    "language": ("language", "languages", "lang"),
    "left_conversation": ("conversation_a", "messages_a", "response_a"),
    "right_conversation": ("conversation_b", "messages_b", "response_b"),
    "prompt": ("prompt",),
    "blind": ("anony", "blind"),
    "counted": ("counted",),
    "reason": ("reason",),
    "pair_chance": ("pair_chance",),
    "battle": ("battle",),
    "id": ("id", "question_id", "conversation_id", "conversation_pair_id"),
    "prompt_characters": ("prompt_characters",),
    **{name: (name,) for name in STYLE},
}
"""The names of each column, in any case, those that are asked first in front. A row without a value
in one is looked up in the next: votes without a person's id have their session's."""

WANTED = frozenset(name for names in NAMES.values() for name in names)


def plain(name: object) -> str:
    """A column's name as NAMES has it: "Model A" is model_a."""
    return re.sub(r"[\s-]+", "_", str(name).strip()).casefold()


@lru_cache(maxsize=1000)
def layout(names: Sequence[object]) -> Mapping[str, Sequence[str]]:
    """The columns of a row with these names that say something, by what they say."""
    there = {plain(name): name for name in reversed(names)}
    found = {what: [there[n] for n in known if n in there] for what, known in NAMES.items()}
    return {what: columns for what, columns in found.items() if columns}


def telling(names: Iterable[str]) -> list[str]:
    """Those of a file's columns that say something."""
    return [name for name in names if plain(name) in WANTED]
