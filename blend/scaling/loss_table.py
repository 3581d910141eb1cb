"""A table of losses: one row a reply, one column a member, in nats; kept as Parquet.

The first columns say which reply it is (source, conversation, place) and how many bytes it has; all
others are members, by name. What the members are is in the file's metadata. A loss that was not
computed yet is NaN, and infinite where the reply does not fit the member's window.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from blend.command_line import CommandError
from blend.scaling.dialogues import Dialogue

KEYS = ("source", "conversation", "place", "bytes")
MEMBERS = b"blended.members"


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """A member as the law sees it. parameters: all; embedding: of them, in tables of tokens.

    digest: the same for the same losses of the same replies.
    """

    name: str
    family: str
    parameters: int
    embedding: int
    digest: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LossTable:
    """Losses in nats of S replies under M members. frame: a column a member; KEYS are its index."""

    members: tuple[MemberInfo, ...]
    frame: pd.DataFrame

    @property
    def nats(self) -> np.ndarray:
        """(S, M)"""
        return self.frame.to_numpy(float)

    @property
    def bytes(self) -> np.ndarray:
        """(S,) the length of each reply."""
        return self.frame.index.get_level_values("bytes").to_numpy()

    @property
    def clusters(self) -> np.ndarray:
        """(S,) the number of each reply's conversation: its replies depend on one another."""
        return self.frame.groupby(level=["source", "conversation"]).ngroup().to_numpy()

    def of(self, names: Sequence[str]) -> "LossTable":
        """The same of these members only, in this order."""
        known = {member.name: member for member in self.members}
        return LossTable(tuple(known[name] for name in names), self.frame[[*names]])

    def whole(self) -> "LossTable":
        """The replies that every member has a loss of. Raises CommandError where there is none."""
        finite = np.isfinite(self.frame)
        rows = finite.all(axis=1)
        if not rows.any():
            least = finite.sum().idxmin()
            raise CommandError(
                f"no reply has a loss of every member: look at {least}, leave it out"
            )
        return replace(self, frame=self.frame[rows])

    def losses(self, member: MemberInfo) -> np.ndarray:
        """(S,) the losses of just this member; NaN where the table has none."""
        if member in self.members:
            return self.frame[member.name].to_numpy(float, copy=True)
        return np.full(len(self.frame), np.nan)

    def with_member(self, member: MemberInfo, nats: np.ndarray) -> "LossTable":
        """The same with a column for the member, in place of its old one."""
        others = self.of([m.name for m in self.members if m.name != member.name])
        frame = others.frame.assign(**{member.name: nats})
        return LossTable((*others.members, member), frame)


def empty_table(dialogues: Sequence[Dialogue]) -> LossTable:
    """The replies, without members yet."""
    rows = [
        (dialogue.source, dialogue.id, place, len(dialogue.messages[place].text.encode()))
        for dialogue in dialogues
        for place in dialogue.replies
    ]
    return LossTable((), pd.DataFrame(index=pd.MultiIndex.from_tuples(rows, names=KEYS)))


def join(tables: Sequence[LossTable]) -> LossTable:
    """All members on the replies that all tables have. Raises CommandError if they do not fit."""
    first, *others = tables
    for other in others:
        rows = first.frame.index.isin(other.frame.index)
        if not rows.any():
            raise CommandError("two tables have no reply in common: score the same data for both")
        first = replace(first, frame=first.frame[rows])
        shared = other.frame.reindex(first.frame.index)
        for member in other.members:
            if any(m.name == member.name and m != member for m in first.members):
                name = member.name
                raise CommandError(f"two tables have a member {name!r} and mean different models")
            first = first.with_member(member, shared[member.name].to_numpy())
    return first


def save(table: LossTable, path: Path) -> None:
    """Write the table; a stop while it is written leaves the one before."""
    import pyarrow
    from pyarrow import parquet

    kinds = (pyarrow.string(), pyarrow.string(), pyarrow.int64(), pyarrow.int64())
    keys = zip(KEYS, kinds, strict=True)
    # A reply of a thousand nats keeps four digits after the point, and takes half the room.
    schema = pyarrow.schema([*keys, *((m.name, pyarrow.float32()) for m in table.members)])
    rows = pyarrow.Table.from_pandas(table.frame.reset_index(), schema, preserve_index=False)
    about = {MEMBERS: json.dumps([asdict(member) for member in table.members]).encode()}
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    parquet.write_table(rows.replace_schema_metadata(about), new, compression="zstd")
    os.replace(new, path)


def load(path: Path) -> LossTable:
    """Read a table that was saved. Raises CommandError where it is none."""
    from pyarrow import ArrowInvalid, parquet

    try:
        table = parquet.read_table(path)
        members = tuple(MemberInfo(**m) for m in json.loads(table.schema.metadata[MEMBERS]))
        frame = table.to_pandas().set_index([*KEYS])[[member.name for member in members]]
    except FileNotFoundError:
        raise CommandError(f"no file {path}: score a data set with --data first") from None
    except (ArrowInvalid, OSError, KeyError, TypeError, ValueError) as error:
        raise CommandError(f"{path} is no table of losses: {str(error) or repr(error)}") from None
    return LossTable(members, frame.astype(float))
