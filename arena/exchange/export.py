"""python -m arena export: battles, votes, contenders and turns as Parquet and JSON Lines.

Visitors get pseudonyms, and texts stay in the database, unless you ask for both.
"""

import argparse
import json
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from arena.command import CommandError, finish
from arena.db.store import Store
from arena.exchange.backup import checked_copy
from arena.exchange.export_columns import ExportColumns, Row
from arena.ranking.board.profiles import display_names

GROUP = 20_000  # rows that are held and written at a time; a row group of the Parquet file


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then DIR is as it was."""
    parser = argparse.ArgumentParser(prog="python -m arena export", description=__doc__)
    parser.add_argument("--db", default="arena.db", type=Path, help="the database; may be in use")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="made where missing")
    parser.add_argument("--texts", action="store_true", help="with prompts and replies")
    parser.add_argument("--visitor-ids", action="store_true", help="without pseudonyms")
    parser.add_argument("--salt", help="the same pseudonyms wherever the same salt is given")
    parser.add_argument("--force", action="store_true", help="replace files of an earlier export")
    args = parser.parse_args(argv)
    salt = args.salt.encode() if args.salt is not None else secrets.token_bytes(32)
    shown = ExportColumns(None if args.visitor_ids else salt, args.texts)
    return finish("export", lambda: export(args.db, args.out, shown, args.force))


def export(db: Path, out: Path, shown: ExportColumns, force: bool = False) -> None:
    """Write two files of each kind into the folder `out`, as of one moment, or none.

    Raises CommandError where some are there and not to be replaced; StoreError.
    """
    names = [f"{kind}.{form}" for kind in shown.columns() for form in ("parquet", "jsonl")]
    there = [name for name in names if (out / name).exists()]
    if there and not force:
        raise CommandError(f"{out / there[0]} is there already: name another folder or add --force")
    if not out.parent.is_dir():
        raise CommandError(f"there is no folder {out.parent}: make it, or name another folder")
    with (
        checked_copy(db, out.parent) as copy,
        closing(Store.open(copy)) as bulk,
        tempfile.TemporaryDirectory(prefix=".arena-", dir=out.parent) as place,
    ):
        sizes = bulk.rows.sizes()
        with tqdm(total=sum(sizes.values()), desc="exporting", unit=" rows", leave=False) as bar:
            for kind, rows in _kinds(bulk, shown).items():
                for written in _write(rows, shown.columns()[kind], Path(place, kind)):
                    bar.update(written)
        out.mkdir(exist_ok=True)
        for name in names:
            os.replace(Path(place, name), out / name)
    counts = ", ".join(f"{n:,} {kind}" for kind, n in sizes.items())
    print(f"{out}: {counts}{'' if shown.texts else ', without texts'}")


def _kinds(bulk: Store, shown: ExportColumns) -> dict[str, Iterable[Row]]:
    contenders = bulk.contenders.all()
    names = display_names(contenders, {each.id for each in contenders}, set())
    return {
        "contenders": (
            {"id": each.id, "name": each.name, "config": json.dumps(each.config, sort_keys=True)}
            for each in contenders
        ),
        "battles": map(shown.battle, bulk.rows.battles()),
        "votes": (shown.vote(row, names) for row in bulk.rows.votes()),
        "turns": map(shown.turn, bulk.rows.turns()),
    }


def _write(rows: Iterable[Row], columns: Mapping[str, type], stem: Path) -> Iterator[int]:
    """Write the rows to STEM.parquet and STEM.jsonl; yields the size of each group."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
    types |= {bool: pyarrow.bool_(), list: pyarrow.list_(pyarrow.string())}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    stream = iter(rows)
    with (
        ParquetWriter(stem.with_suffix(".parquet"), schema, compression="zstd") as table,
        open(stem.with_suffix(".jsonl"), "w", encoding="utf-8") as lines,
    ):
        while group := [_plain(row, columns) for row in islice(stream, GROUP)]:
            table.write_table(pyarrow.Table.from_pylist(group, schema=schema))
            lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in group)
            yield len(group)


def _plain(row: Row, columns: Mapping[str, type]) -> Row:
    """The row's columns in their order, yes and no as such and not as SQLite's 1 and 0."""
    return {
        name: bool(row[name]) if kind is bool else row.get(name) for name, kind in columns.items()
    }
