"""A table of losses: one row a reply, one column a member, in nats; kept as Parquet.

The first columns say which reply it is (source, conversation, place) and how many bytes it has; all
others are members, by name. What the members are is in the file's metadata. A loss that is not
reckoned yet is NaN, and infinite where the reply does not fit the member's window.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from blend.law.replies import LawError, Talk

KEYS = ("source", "conversation", "place", "bytes")
WHO = b"blended.members"


@dataclass(frozen=True, slots=True)
class Who:
    """A member as the law sees it. parameters: all; embedding: of them, in tables of tokens.

    digest: the same for the same losses of the same replies.
    """

    name: str
    family: str
    parameters: int
    embedding: int
    digest: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Losses (S, M) in nats of S replies under M members.

    source, conversation: texts (S,). place, bytes: whole numbers (S,).
    """

    source: np.ndarray
    conversation: np.ndarray
    place: np.ndarray
    bytes: np.ndarray
    members: tuple[Who, ...]
    nats: np.ndarray

    @property
    def keys(self) -> list[tuple]:
        return list(zip(self.source, self.conversation, self.place, self.bytes, strict=True))

    @property
    def clusters(self) -> np.ndarray:
        """(S,) the number of each reply's conversation: the replies of one hang together."""
        names = [f"{s}\0{c}" for s, c in zip(self.source, self.conversation, strict=True)]
        return np.unique(names, return_inverse=True)[1]

    def at(self, rows: np.ndarray) -> "Ledger":
        """The same of these rows only."""
        own = {key: getattr(self, key)[rows] for key in KEYS}
        return replace(self, **own, nats=self.nats[rows])

    def of(self, names: Sequence[str]) -> "Ledger":
        """The same of these members only, in this order."""
        known = [member.name for member in self.members]
        columns = [known.index(name) for name in names]
        members = tuple(self.members[n] for n in columns)
        return replace(self, members=members, nats=self.nats[:, columns])

    def whole(self) -> "Ledger":
        """Of the replies that every member has a loss of. Raises LawError where there is none."""
        rows = np.isfinite(self.nats).all(axis=1)
        if not rows.any():
            least = self.members[int(np.isfinite(self.nats).sum(axis=0).argmin())].name
            raise LawError(f"no reply has a loss of every member: look at {least}, leave it out")
        return self.at(rows)


def blank(talks: Sequence[Talk]) -> Ledger:
    """The replies, without members yet."""
    rows = [
        (talk.source, talk.id, place, len(talk.messages[place].text.encode()))
        for talk in talks
        for place in talk.replies
    ]
    source, conversation, place, size = zip(*rows, strict=True)
    texts = (np.array(each, dtype=object) for each in (source, conversation))
    sizes = (np.array(each, dtype=np.int64) for each in (place, size))
    return Ledger(*texts, *sizes, (), np.empty((len(rows), 0)))


def written(ledger: Ledger, who: Who, nats: np.ndarray) -> Ledger:
    """With the column of that member, in place of its old one."""
    others = ledger.of([member.name for member in ledger.members if member.name != who.name])
    return replace(
        others, members=(*others.members, who), nats=np.column_stack([others.nats, nats])
    )


def joined(ledgers: Sequence[Ledger]) -> Ledger:
    """All members on the replies that all tables have. Raises LawError for what does not fit."""
    first, *others = ledgers
    for other in others:
        places = {key: n for n, key in enumerate(other.keys)}
        shared = [n for n, key in enumerate(first.keys) if key in places]
        if not shared:
            raise LawError("two tables have no reply in common: score the same data for both")
        first, rows = first.at(np.array(shared)), [places[first.keys[n]] for n in shared]
        for who, nats in zip(other.members, other.nats[rows].T, strict=True):
            known = next((m for m in first.members if m.name == who.name), None)
            if known is not None and known != who:
                raise LawError(f"two tables have a member {who.name!r} and mean different models")
            first = written(first, who, nats)
    return first


def save(ledger: Ledger, path: Path) -> None:
    """Write the table; a stop while it is written leaves the one before."""
    import pyarrow
    from pyarrow import parquet

    columns: dict[str, object] = {key: getattr(ledger, key) for key in KEYS}
    for who, nats in zip(ledger.members, ledger.nats.T, strict=True):
        # A reply of a thousand nats keeps four digits after the point, and takes half the room.
        columns[who.name] = nats.astype(np.float32)
    told = {WHO: json.dumps([asdict(who) for who in ledger.members]).encode()}
    table = pyarrow.table(columns).replace_schema_metadata(told)
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, path.with_suffix(".new"), compression="zstd")
    os.replace(path.with_suffix(".new"), path)


def load(path: Path) -> Ledger:
    """Read a table that was saved. Raises LawError where it is none."""
    from pyarrow import ArrowInvalid, parquet

    try:
        table = parquet.read_table(path)
        members = tuple(Who(**who) for who in json.loads(table.schema.metadata[WHO]))
        keys = [np.array(table.column(key).to_pylist()) for key in KEYS]
        columns = [table.column(who.name).to_numpy() for who in members]
    except FileNotFoundError:
        raise LawError(f"no file {path}: score a data set with --data first") from None
    except (ArrowInvalid, OSError, KeyError, TypeError, ValueError) as error:
        raise LawError(f"{path} is no table of losses: {str(error) or repr(error)}") from None
    nats = np.column_stack(columns) if columns else np.empty((table.num_rows, 0))
    return Ledger(*keys, members, nats.astype(np.float64))
