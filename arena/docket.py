"""All votes of a source with what was noted of each, to be judged anew; and what comes of that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from arena.ballot import CHOICES, Ballots
from arena.bulk import Bulk
from arena.records import Source
from arena.review import Record, Review

PAGE = 10_000
"""Votes that are read at a time."""

BATCH = 2_000
"""Votes that are changed in one transaction: nobody who votes meanwhile waits for more."""

ROWS = """
    SELECT v.rowid, b.visitor, b."left", b."right", v.choice, v.created, v.address, b.prompt_hash,
        v.waited, v.watched, v.shorter, b.leaked, p.barred, v.counted, v.reason, v.rules
    FROM votes v CROSS JOIN battles b ON b.id = v.battle JOIN visitors p ON p.id = b.visitor
    WHERE v.rowid BETWEEN ? AND ? AND b.source = ? ORDER BY v.rowid"""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """n votes as they stand, by rowid. visitors: ids by the codes of `record.visitor`.

    reason, rules: (n,) texts. ballots: the same votes, in the order of their time; `order` (n,)
    puts the others in it.
    """

    rowid: np.ndarray
    record: Record
    counted: np.ndarray
    reason: np.ndarray
    rules: np.ndarray
    visitors: tuple[str, ...]
    ballots: Ballots
    order: np.ndarray


class Codes(dict):
    """A number for every text, in the order in which they come; -1 for none."""

    def __missing__(self, text: str | None) -> int:
        self[text] = code = -1 if text is None else len(self) - (None in self)
        return code


class Docket(Bulk):
    """Reads in pages, writes in small transactions, deletes nothing."""

    def case(self, source: Source) -> Case:
        """All votes of a source, whether they count or not."""
        people, places, prompts, names, words = (Codes() for _ in range(5))
        parts = [
            _page(rows, people, places, prompts, names, words) for rows in self._votes(source)
        ] or [_page([], people, places, prompts, names, words)]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        rowid, visitor, left, right, choice, created, address, prompt, *rest = columns
        waited, watched, shorter, leaked, barred, counted, reason, rules = rest
        said = np.array([*words, ""], dtype=object)
        order = np.argsort(created, kind="stable")
        return Case(
            rowid,
            Record(created, visitor, address, prompt, waited, watched, shorter, leaked, barred),
            counted.astype(bool),
            said[reason],
            said[rules],
            tuple(people),
            Ballots(tuple(names), left[order], right[order], choice[order], visitor[order]),
            order,
        )

    def _votes(self, source: Source) -> Iterator[list[tuple]]:
        (last,) = self._row("SELECT coalesce(max(rowid), 0) FROM votes")
        for start in range(1, last + 1, PAGE):
            if rows := self._read(ROWS, (start, start + PAGE - 1, source)):
                yield rows

    def apply(self, case: Case, review: Review, changed: np.ndarray) -> Iterator[int]:
        """Write the verdicts on the votes of `changed` (n,) bool; yields how many at a time.

        A stop in between leaves whole votes, some judged anew and others not yet: do it again.
        """
        rows = np.flatnonzero(changed)
        counted, reasons = review.counted, review.reasons()
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            values = [(int(counted[i]), reasons[i], review.rules, int(case.rowid[i])) for i in part]
            self.together(lambda values=values: self._judge(values))
            yield len(part)

    def _judge(self, values: Sequence[tuple]) -> None:
        self._connection.executemany(
            "UPDATE votes SET counted = ?, reason = ?, rules = ? WHERE rowid = ?", values
        )

    def bar(self, visitor: str, barred: bool) -> bool:
        """Bar a visitor, or lift that; whether there is such a one. Earlier votes stay as judged
        until all are reviewed."""
        sql = "UPDATE visitors SET barred = ? WHERE id = ?"
        return bool(self._write(sql, (int(barred), visitor)))

    def dropped(self, most: int) -> list[tuple[float, str, str, str, str]]:
        """The newest own votes that do not count: when, visitor, choice, reason, rules."""
        return self._read(
            "SELECT v.created, b.visitor, v.choice, v.reason, v.rules FROM votes v"
            " JOIN battles b ON b.id = v.battle WHERE v.counted = 0 AND b.source = 'own'"
            " ORDER BY v.created DESC LIMIT ?",
            (most,),
        )

    def barred(self) -> list[str]:
        """Who is barred, by id."""
        rows = self._read("SELECT id FROM visitors WHERE barred ORDER BY id")
        return [id for (id,) in rows]


def _page(rows: list[tuple], people, places, prompts, names, words) -> list[np.ndarray]:
    """A page as columns: texts as codes, what is not known as NaN."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 16
    coded = {1: people, 2: names, 3: names, 6: places, 7: prompts, 14: words, 15: words}
    kinds = {0: np.int64, 4: np.int8, 11: np.int8, 12: np.int8, 13: np.int8}
    found = []
    for n, column in enumerate(columns):
        if n in coded:
            found.append(np.array([coded[n][text] for text in column], np.int32))
        elif n == 4:
            found.append(np.array([CHOICES.index(text) for text in column], np.int8))
        else:
            found.append(np.array(column, kinds.get(n, float)))
    return found
