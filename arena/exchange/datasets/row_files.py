"""Rows as Parquet and as JSON Lines, written as they come: more rows take no more memory."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson

if TYPE_CHECKING:
    from pyarrow import Schema
    from pyarrow.parquet import ParquetWriter

CHUNK = 8 * 2**20
"""Bytes of JSON Lines that are held; a row group of the Parquet file."""


def write_rows(rows: Iterable[Mapping[str, object]], schema: "Schema", stem: Path) -> Iterator[int]:
    """Write the rows to STEM.parquet and STEM.jsonl; yields how many each part of them has.

    Parquet is made of the lines, so the two files tell the same. It is made beside the reading of
    the next rows: most of its work needs no lock of Python's. Each row has the columns of `schema`;
    one that it lacks is null.
    """
    from pyarrow.parquet import ParquetWriter

    with (
        ParquetWriter(stem.with_name(f"{stem.name}.parquet"), schema, compression="zstd") as table,
        open(stem.with_name(f"{stem.name}.jsonl"), "wb") as lines,
        ThreadPoolExecutor(1) as beside,
    ):
        written: Future[None] | None = None
        for count, part in _parts(rows):
            if written is not None:
                written.result()
            written = beside.submit(_write, part, schema, table, lines)
            yield count
        if written is not None:
            written.result()


def _parts(rows: Iterable[Mapping[str, object]]) -> Iterator[tuple[int, bytes]]:
    """Lines by the chunk, and how many they are."""
    chunk, count = bytearray(), 0
    for row in rows:
        chunk += orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        count += 1
        if len(chunk) >= CHUNK:
            yield count, bytes(chunk)
            chunk, count = bytearray(), 0
    if count:
        yield count, bytes(chunk)


def _write(part: bytes, schema: "Schema", table: "ParquetWriter", lines: BinaryIO) -> None:
    from pyarrow import json

    lines.write(part)
    # One block: a line must fit into one, and several take twice as long.
    block = json.ReadOptions(block_size=len(part))
    typed = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    table.write_table(json.read_json(BytesIO(part), block, typed).select(schema.names))
