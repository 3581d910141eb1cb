"""Votes and thumbs into the files of a data set, and what is left out on the way."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from tqdm import tqdm

from arena.db.repositories.votes.judgements import JudgedReply, JudgedVote
from arena.db.store import Store
from arena.exchange.datasets.battle_table import battle_rows
from arena.exchange.datasets.card import dataset_card
from arena.exchange.datasets.forms import (
    FORMS,
    Allow,
    DatasetRequest,
    FormReport,
    Judged,
    Remarks,
    form_of,
)
from arena.exchange.datasets.preference import preference_rows
from arena.exchange.datasets.row_files import write_rows
from arena.exchange.datasets.unpaired import unpaired_rows
from arena.models import Source
from arena.ranking.board.profiles import display_names
from arena.ranking.ratings import SCALE, point_ratings

CARD = "README.md"


def dataset_files(forms: Iterable[str]) -> list[str]:
    """The names of the files of these forms, with the card."""
    return [*(f"{form}.{end}" for form in forms for end in ("parquet", "jsonl")), CARD]


def write_dataset(
    store: Store,
    folder: Path,
    wanted: DatasetRequest,
    allow: Allow,
    remarks: Remarks,
) -> tuple[FormReport, ...]:
    """Write FORM.parquet and FORM.jsonl of each form, and the card, into the folder `folder`.

    store: of one moment, a copy; nobody else may write to it meanwhile. allow: see `Allow`; it is
    asked once a form for each vote and each thumb. remarks: for the card. A bar shows the progress.
    Raises StoreError.
    """
    strengths = _strengths(store, wanted.source) if "reward" in wanted.forms else {}
    contenders = store.contenders.all()
    names = display_names(contenders, {each.id for each in contenders}, set())
    votes, thumbs = store.judgements.sizes(wanted.source)
    steps = sum(votes + thumbs * FORMS[form].thumbs for form in wanted.forms)
    with tqdm(total=steps, desc="exporting", unit=" votes", leave=False) as bar:
        reports = tuple(
            _FormWriter(form, wanted, names, strengths, allow, bar).write(store, folder)
            for form in wanted.forms
        )
    rules, uncounted = (
        tally(wanted.source) for tally in (store.judgements.rules, store.judgements.uncounted)
    )
    card = dataset_card(wanted, reports, rules, uncounted, remarks())
    (folder / CARD).write_text(card, encoding="utf-8")
    return reports


class _FormWriter:
    """One form on its way into its files; it counts what goes by."""

    def __init__(
        self,
        form: str,
        wanted: DatasetRequest,
        names: Mapping[str, str],
        strengths: Mapping[str, float],
        allow: Allow,
        bar: tqdm,
    ):
        self._form, self._wanted = form, wanted
        self._names, self._strengths = names, strengths
        self._allow, self._bar = allow, bar
        self._left_out: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._looked_at: Counter[type] = Counter()
        self._wordless = 0

    def write(self, store: Store, folder: Path) -> FormReport:
        """Write it and say what is in it."""
        source = self._wanted.source
        form = form_of(self._form, source)
        votes = self._allowed(store.judgements.votes(source))
        replies = store.judgements.replies(source) if form.thumbs else ()
        rows = self._rows(self._noted(votes), self._allowed(replies))
        written = sum(write_rows(rows, form.schema(), folder / self._form))
        return FormReport(
            *(self._form, written, self._looked_at[JudgedVote], self._looked_at[JudgedReply]),
            *(self._wordless, dict(self._left_out.most_common())),
            dict(self._languages.most_common()),
        )

    def _rows(
        self, votes: Iterable[JudgedVote], replies: Iterable[JudgedReply]
    ) -> Iterator[dict[str, object]]:
        pairs = partial(preference_rows, votes, self._left_out, self._wanted.both_ways)
        if self._form == "trl":
            return pairs(self._wanted.whole)
        if self._form == "reward":
            return pairs(True, self._strengths)
        if self._form == "kto":
            return unpaired_rows(votes, replies, self._left_out)
        return battle_rows(votes, self._names, self._wanted.shown, self._wanted.source)

    def _allowed(self, judged: Iterable[Judged]) -> Iterator[Judged]:
        for each in judged:
            self._looked_at[type(each)] += 1
            self._bar.update()
            allowed = self._allow(each)
            if isinstance(allowed, str):
                self._left_out[allowed] += 1
            else:
                yield allowed

    def _noted(self, votes: Iterable[JudgedVote]) -> Iterator[JudgedVote]:
        for vote in votes:
            self._languages[vote.language or "und"] += 1
            self._wordless += not vote.texts
            yield vote


def _strengths(store: Store, source: Source) -> dict[str, float]:
    """The ratings of the board in log-odds, by contender id."""
    counts = store.ballots.read(source).counts()
    return dict(zip(counts.names, (point_ratings(counts) / SCALE).tolist(), strict=True))
