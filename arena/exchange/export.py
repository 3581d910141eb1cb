"""python -m arena export: battles, votes, contenders and turns as Parquet and JSON Lines.

With --for, in the form that other programs load, with a card: trl (pairs for DPO), kto (single
replies with a label), reward (pairs with a margin), arena (Chatbot Arena's columns). Visitors get
pseudonyms, and texts stay in the database, unless you ask for both.
"""

import argparse
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import get_args

from tqdm import tqdm

from arena.command import CommandError, finish
from arena.db.store import Store
from arena.exchange.backup import checked_copy
from arena.exchange.datasets.dataset import dataset_files, write_dataset
from arena.exchange.datasets.forms import (
    FORMS,
    Allow,
    DatasetRequest,
    FormReport,
    Remarks,
    allow_all,
)
from arena.exchange.export_columns import ExportColumns, Row
from arena.models import Source
from arena.plural import many
from arena.ranking.board.profiles import display_names

LICENSE = re.compile(r"[a-z0-9][a-z0-9.-]*")
GROUP = 20_000  # rows that are held and written at a time; a row group of the Parquet file


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then DIR is as it was."""
    args = _parser().parse_args(argv)
    salt = args.salt.encode() if args.salt is not None else secrets.token_bytes(32)
    shown = ExportColumns(None if args.visitor_ids else salt, args.texts)
    if not args.forms:
        return finish("export", lambda: _export_tables(args, shown))
    return finish("export", lambda: _export_forms(args, shown))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m arena export", description=__doc__)
    add = parser.add_argument
    add("--db", default="arena.db", type=Path, help="the database; may be in use")
    add("--out", required=True, type=Path, metavar="DIR", help="made where missing")
    add("--texts", action="store_true", help="with prompts and replies")
    add("--visitor-ids", action="store_true", help="without pseudonyms")
    add("--salt", help="the same pseudonyms wherever the same salt is given")
    add("--force", action="store_true", help="replace files of an earlier export")
    forms = parser.add_argument_group("in the form of other programs")
    add = forms.add_argument
    add("--for", dest="forms", action="append", choices=FORMS, help="may be given several times")
    add("--source", choices=get_args(Source), help="whose votes (default: own)")
    add("--ties", choices=("out", "both"), help="of pairs: left out, or each side wins once")
    add("--whole", action="store_true", help="of trl: sides that parted, with all that followed")
    add("--license", help="of the data set, as the Hub names it, for instance cc-by-4.0")
    return parser


def _export_tables(args: argparse.Namespace, shown: ExportColumns) -> None:
    for option in ("source", "ties", "whole", "license"):
        if getattr(args, option):
            raise CommandError(f"--{option} is for a data set: say which with --for")
    export(args.db, args.out, shown, args.force)


def _export_forms(args: argparse.Namespace, shown: ExportColumns) -> None:
    forms = tuple(dict.fromkeys(args.forms))
    if args.ties and not any(FORMS[form].pairs for form in forms):
        raise CommandError("--ties is for pairs: it goes with --for trl and --for reward")
    if args.whole and "trl" not in forms:
        raise CommandError("--whole goes with --for trl: the others have whole conversations")
    check_license(args.license)
    choices = {"both_ways": args.ties == "both", "whole": args.whole, "license": args.license or ""}
    wanted = DatasetRequest(forms, shown, args.source or "own", **choices)
    show_reports(export_dataset(args.db, args.out, wanted, args.force), args.out, shown.texts)


def check_license(name: str | None) -> None:
    """Raise CommandError unless the Hub may know a license of this name; none is none."""
    if name and not LICENSE.fullmatch(name):
        raise CommandError(f"--license {name!r} is none of the Hub's names: cc-by-4.0 is one")


def export(db: Path, out: Path, shown: ExportColumns, force: bool = False) -> None:
    """Write two files of each kind into the folder `out`, as of one moment, or none.

    Raises CommandError where some are there and not to be replaced; StoreError.
    """
    names = [f"{kind}.{form}" for kind in shown.columns() for form in ("parquet", "jsonl")]
    with _new_files(db, out, names, force) as (bulk, place):
        sizes = bulk.rows.sizes()
        with tqdm(total=sum(sizes.values()), desc="exporting", unit=" rows", leave=False) as bar:
            for kind, rows in _kinds(bulk, shown).items():
                for written in _write(rows, shown.columns()[kind], Path(place, kind)):
                    bar.update(written)
    counts = ", ".join(f"{n:,} {kind}" for kind, n in sizes.items())
    print(f"{out}: {counts}{'' if shown.texts else ', without texts'}")


def export_dataset(
    db: Path,
    out: Path,
    wanted: DatasetRequest,
    force: bool = False,
    allow: Allow = allow_all,
    remarks: Remarks = tuple,
) -> tuple[FormReport, ...]:
    """Write the files of a data set and its card into the folder `out`, as of one moment, or none.

    allow: what may leave, see `Allow`. remarks: for the card. Raises CommandError where files are
    there and not to be replaced, and where a form is asked for without the words that it is made
    of; StoreError.
    """
    for form in wanted.forms:
        if FORMS[form].words and not wanted.shown.texts:
            raise CommandError(f"--for {form} is made of what was said: add --texts")
    with _new_files(db, out, dataset_files(wanted.forms), force) as (bulk, place):
        return write_dataset(bulk, place, wanted, allow, remarks)


def show_reports(reports: Sequence[FormReport], what: str, texts: bool) -> None:
    """Print what is in a data set, and what is left out. what: its name."""
    counts = ", ".join(f"{many(each.rows, 'row')} for {each.form}" for each in reports)
    print(f"{what}: {counts}{'' if texts else ', without texts'}")
    for each in reports:
        for why, n in each.left_out.items():
            print(f"  {each.form}: left out {n:,}: {why}")


@contextmanager
def _new_files(
    db: Path, out: Path, names: Sequence[str], force: bool
) -> Iterator[tuple[Store, Path]]:
    """A copy of `db`, and a folder for these files: they come to `out` when the block ends well."""
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
        yield bulk, Path(place)
        out.mkdir(exist_ok=True)
        for name in names:
            os.replace(Path(place, name), out / name)


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
