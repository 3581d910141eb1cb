"""The votes of a file in whatever form: read by its rows, told apart by its columns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import BinaryIO

from tqdm import tqdm

from arena.exchange import vote_files
from arena.exchange.forms.column_map import ColumnMap
from arena.exchange.forms.form import FormRow, VoteForm, Votes
from arena.exchange.forms.known_forms import COLUMNS, form_of
from arena.exchange.vote_row import known_columns


class FormReader:
    """form: that of the file's first row, or columns where --map names all that is needed."""

    def __init__(self, raw: BinaryIO, named: ColumnMap):
        self._raw, self._named = raw, named
        self.form = self._find_form()

    def votes(self) -> Iterator[tuple[int, int, object]]:
        """Votes in the columns that import knows, each with the number of its row and of its line;
        a ValueError for each row, or part of one, that tells none. Raises CommandError."""
        votes_of = self._begin()
        for number, (line, row) in enumerate(vote_files.read_rows(self._raw, self._wanted), 1):
            if not isinstance(row, Mapping):
                yield number, line, row
                continue
            try:
                self._check_form(row)
                for vote in votes_of(row):
                    yield number, line, self._named.pick(self._marked(vote), row)
            except ValueError as error:
                yield number, line, error
        self._named.check()

    def _find_form(self) -> VoteForm:
        if self._named.whole:
            return COLUMNS
        with closing(vote_files.read_rows(self._raw, self._wanted)) as rows:
            first = next((row for _, row in rows if isinstance(row, Mapping)), {})
        self._raw.seek(0)
        return form_of(tuple(map(str, first)))

    def _begin(self) -> Votes:
        if self.form.survey is None:
            return self.form.votes
        with closing(vote_files.read_rows(self._raw, self._wanted)) as rows:
            counted = tqdm(rows, desc="reading", unit=" rows", leave=False)
            votes = self.form.survey(row for _, row in counted)
        self._raw.seek(0)
        return votes

    def _check_form(self, row: FormRow) -> None:
        if self._named.whole:
            return
        form = form_of(tuple(map(str, row)))
        if form is not self.form:
            raise ValueError(
                f"its columns are those of {form.name}, the first row's those of {self.form.name}:"
                " import each form from a file of its own"
            )

    def _marked(self, vote: FormRow) -> FormRow:
        return vote if self.form is COLUMNS else {**vote, "vote_form": self.form.name}

    def _wanted(self, columns: Sequence[str]) -> list[str]:
        """Those of a file's columns that are read."""
        if not self._named.whole and form_of(tuple(columns)) is not COLUMNS:
            return [*columns]
        tops = self._named.tops()
        known = {*known_columns(columns)}
        return [name for name in columns if name in known or name in tops]
