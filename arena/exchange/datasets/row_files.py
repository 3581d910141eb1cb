"""Rows as Parquet and as JSON Lines, written as they come: more rows take no more memory."""

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from pyarrow import Schema, Table

CHUNK = 8 * 2**20
"""Bytes of JSON Lines that are held; a row group of the Parquet file."""


def write_rows(rows: Iterable[Mapping[str, object]], schema: "Schema", stem: Path) -> Iterator[int]:
    """Write the rows to STEM.parquet and STEM.jsonl; yields how many each part of them has.

    Parquet is made of the lines, so the two files tell the same. Dictionaries have the columns of
    `schema`; one that a row lacks is null.
    """
    from pyarrow.parquet import ParquetWriter

    with (
        ParquetWriter(stem.with_name(f"{stem.name}.parquet"), schema, compression="zstd") as table,
        open(stem.with_name(f"{stem.name}.jsonl"), "wb") as lines,
    ):
        for count, longest, part in _parts(rows):
            lines.write(part)
            table.write_table(_table(part, longest, schema))
            yield count


def _parts(rows: Iterable[Mapping[str, object]]) -> Iterator[tuple[int, int, bytes]]:
    """Lines by the chunk: how many there are, how long the longest is, and they themselves."""
    chunk, count, longest = bytearray(), 0, 0
    for row in rows:
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        chunk += line
        count += 1
        longest = max(longest, len(line))
        if len(chunk) >= CHUNK:
            yield count, longest, bytes(chunk)
            chunk, count, longest = bytearray(), 0, 0
    if count:
        yield count, longest, bytes(chunk)


def _table(lines: bytes, longest: int, schema: "Schema") -> "Table":
    from pyarrow import json

    # A line must fit into a block; several blocks are read at a time.
    block = json.ReadOptions(block_size=max(2**20, longest + 1))
    typed = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    return json.read_json(BytesIO(lines), block, typed).select(schema.names)
