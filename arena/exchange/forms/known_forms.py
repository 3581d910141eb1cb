"""Which form a file is in, by the columns of its first row."""

from collections.abc import Sequence
from functools import lru_cache

from arena.exchange.forms.alpaca_eval import ALPACA_EVAL
from arena.exchange.forms.argilla import ARGILLA, ARGILLA_FLAT, FLAT
from arena.exchange.forms.comparia import COMPARIA_TURNS, COMPARIA_VOTES
from arena.exchange.forms.duel import DUEL
from arena.exchange.forms.form import VoteForm
from arena.exchange.forms.label_studio import LABEL_STUDIO
from arena.exchange.forms.mt_bench import MT_BENCH
from arena.exchange.forms.open_webui import OPEN_WEBUI
from arena.exchange.forms.reactions import COMPARIA_REACTIONS

FORMS = (
    *(OPEN_WEBUI, COMPARIA_REACTIONS, COMPARIA_VOTES, COMPARIA_TURNS, MT_BENCH),
    *(ALPACA_EVAL, ARGILLA, LABEL_STUDIO, DUEL),
)

COLUMNS = VoteForm("columns", frozenset(), lambda row: (row,))
"""One vote a row, each fact in a column: Chatbot Arena's sets and most others."""


@lru_cache(maxsize=1000)
def form_of(columns: Sequence[str]) -> VoteForm:
    """The form of rows with these columns."""
    names = frozenset(columns)
    for form in FORMS:
        if form.marks <= names and not form.without & names:
            return form
    if any(f"{name}.users" in names for name in names if name.endswith(FLAT)):
        return ARGILLA_FLAT
    return COLUMNS
