"""All votes of a source with what was noted of each, to be judged anew; and what comes of that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from arena.db.codebook import Codebook
from arena.db.database import Database
from arena.db.repositories.ballots import CHOICE
from arena.db.repositories.erasure import NOW
from arena.models import Source
from arena.ranking.ballots import Ballots
from arena.votes.recompute import AuditTable, EvidenceTable, RuleResults

PAGE = 2_000
"""Votes that are read at a time: few enough to stay in the processor's cache."""

BATCH = 2_000
"""Votes that are changed in one transaction: nobody who votes meanwhile waits for more."""

ROWS = """
    SELECT v.rowid, b.visitor, b."left", b."right", v.choice, v.created, v.address, b.prompt_hash,
        v.waited, v.watched, v.shorter, b.leaked, v.counted, v.reason, v.rules
    FROM votes v CROSS JOIN battles b ON b.id = v.battle
    WHERE v.rowid BETWEEN ? AND ? AND b.source = ? ORDER BY v.rowid"""

JUDGE = f"UPDATE votes SET counted = ?, reason = ?, rules = ?, judged = {NOW} WHERE rowid = ?"

KINDS = {
    "rowid": np.int64,
    **dict.fromkeys(("visitor", "left", "right"), np.int32),
    "choice": np.int8,
    "created": float,
    "address": np.int32,
    "prompt": np.int64,
    **dict.fromkeys(("waited", "watched", "shorter"), float),
    **dict.fromkeys(("leaked", "counted"), bool),
    **dict.fromkeys(("reason", "rules"), np.int32),
}
"""The columns of ROWS, and as what they are kept."""


@dataclass(frozen=True, slots=True)
class VoteAudit:
    """Reads in pages, writes in small transactions, deletes nothing."""

    db: Database

    def read(self, source: Source) -> AuditTable:
        """All votes of a source, whether they count or not."""
        people, places, names, words = (Codebook() for _ in range(4))
        codes = {
            **{"visitor": people, "left": names, "right": names, "address": places},
            **{"reason": words, "rules": words, "choice": CHOICE},
        }
        at = self._columns(source, codes)
        texts = np.array([*words, ""], dtype=object)
        order = np.argsort(at["created"], kind="stable")
        barred = np.isin(np.array([*people], dtype=object), self.barred_visitors())
        # Each text of a first message is a hash, by now: there are too many to keep them.
        prompt = np.unique(at["prompt"], return_inverse=True)[1].astype(np.int32)
        prompt[at["prompt"] == 0] = -1
        known = ("created", "visitor", "address", "waited", "watched", "shorter", "leaked")
        columns = (at[name][order] for name in ("left", "right", "choice", "visitor"))
        return AuditTable(
            at["rowid"],
            EvidenceTable(
                **{name: at[name] for name in known}, prompt=prompt, barred=barred[at["visitor"]]
            ),
            at["counted"],
            texts[at["reason"]],
            texts[at["rules"]],
            tuple(people),
            Ballots(tuple(names), *columns),
        )

    def _columns(self, source: Source, codes: Mapping[str, dict]) -> dict[str, np.ndarray]:
        """The columns of KINDS, (n,) each, filled page by page: nothing is there twice.

        A first message is a hash of 64 bits, 0 for none: a million have two alike once in thirty
        million times.
        """
        last, most = self.db.query_one("SELECT coalesce(max(rowid), 0), count(*) FROM votes")
        n, columns = 0, {name: np.empty(most, kind) for name, kind in KINDS.items()}
        for start in range(1, last + 1, PAGE):
            rows = self.db.query(ROWS, (start, min(start + PAGE - 1, last), source))
            for name, values in zip(KINDS, zip(*rows, strict=True), strict=False):
                if name in codes:
                    values = [codes[name][text] for text in values]
                elif name == "prompt":
                    values = [0 if text is None else hash(text) for text in values]
                columns[name][n : n + len(rows)] = values
            n += len(rows)
        return {name: column[:n] for name, column in columns.items()}

    def apply(self, case: AuditTable, review: RuleResults, changed: np.ndarray) -> Iterator[int]:
        """Write the verdicts on the votes of `changed` (n,) bool; yields how many at a time.

        A stop in between leaves whole votes, some judged anew and others not yet: do it again.
        """
        rows = np.flatnonzero(changed)
        counted, reasons = review.counted, review.reasons()
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            values = [(int(counted[i]), reasons[i], review.rules, int(case.rowid[i])) for i in part]
            self.db.executemany(JUDGE, values)
            yield len(part)

    def bar(self, visitor: str, barred: bool) -> bool:
        """Bar a visitor, or lift that; whether there is such a one. Earlier votes stay as judged
        until all are reviewed."""
        sql = f"UPDATE visitors SET barred = ?, barred_at = {NOW} WHERE id = ?"
        return bool(self.db.execute(sql, (int(barred), visitor)))

    def barred_visitors(self) -> list[str]:
        """Who is barred, by id."""
        rows = self.db.query("SELECT id FROM visitors WHERE barred ORDER BY id")
        return [id for (id,) in rows]
