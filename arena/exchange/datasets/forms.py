"""The forms of a data set: their columns, what somebody asks for, and what became of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from arena.db.repositories.votes.judgements import JudgedReply, JudgedVote
from arena.exchange.datasets.battle_columns import BATTLES, SOURCE, battle_schema, sourced_schema
from arena.exchange.datasets.preference import MARGIN, PAIR, preference_schema
from arena.exchange.datasets.unpaired import UNPAIRED, unpaired_schema
from arena.exchange.export_columns import ExportColumns
from arena.models import Source

if TYPE_CHECKING:
    from pyarrow import Schema

Judged = TypeVar("Judged", JudgedVote, JudgedReply)

Allow = Callable[[Judged], Judged | str]
"""What of a judged vote or reply may leave: it as it is, it with other `texts`, or why it stays, in
words for the card. `texts` are all the words there are of it."""


Remarks = Callable[[], Iterable[str]]
"""Paragraphs for the card of who publishes; asked for once all rows are written."""


def allow_all(judged: Judged) -> Judged:
    """Everything may leave."""
    return judged


@dataclass(frozen=True, slots=True)
class DatasetForm:
    """columns: what each means. words: whether there is nothing without what was said. thumbs:
    whether thumbs have rows, too. pairs: whether its rows are pairs, so that a tie may be two."""

    columns: Mapping[str, str]
    schema: Callable[[], "Schema"]
    words: bool = True
    thumbs: bool = False
    pairs: bool = False


FORMS: Mapping[str, DatasetForm] = {
    "trl": DatasetForm(PAIR, partial(preference_schema, margin=False), pairs=True),
    "kto": DatasetForm(UNPAIRED, unpaired_schema, thumbs=True),
    "reward": DatasetForm(PAIR | MARGIN, partial(preference_schema, margin=True), pairs=True),
    "arena": DatasetForm(BATTLES, battle_schema, words=False),
}
"""The forms of a data set, by what they are for."""


def form_of(name: str, source: Source) -> DatasetForm:
    """One of FORMS, with whatever it has besides for votes of this source."""
    if name == "arena" and source != "own":
        return DatasetForm(BATTLES | SOURCE, sourced_schema, words=False)
    return FORMS[name]


@dataclass(frozen=True, slots=True)
class DatasetRequest:
    """What a data set is to hold. forms: of FORMS. shown: how much it tells of words and visitors.

    source: whose votes. both_ways: a tie is two pairs. whole: pairs of `trl` whose sides parted
    before their last reply are in it, with all that follows; a reward model reads whole
    conversations, so those of `reward` always are. license: as the Hub names licenses; "" for none.
    screening: how the words were looked through before, in sentences for the card.
    """

    forms: tuple[str, ...]
    shown: ExportColumns
    source: Source = "own"
    both_ways: bool = False
    whole: bool = False
    license: str = ""
    screening: str = ""


@dataclass(frozen=True, slots=True)
class FormReport:
    """What became of the judgements in one form. votes, thumbs: that were looked at.

    left_out: how many of them have no row, by the reason. languages: of the votes that may leave.
    wordless: of these, votes without words.
    """

    form: str
    rows: int = 0
    votes: int = 0
    thumbs: int = 0
    wordless: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
