"""Files of votes as streams of rows, whatever their form: CSV, JSON, JSON Lines, Parquet."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from arena.command import CommandError
from arena.csv_cells import unescape_cell
from arena.exchange.json_stream import JsonStream, decode_json
from arena.exchange.vote_row import known_columns
from arena.ranking.caveats import join_first

if TYPE_CHECKING:
    from pyarrow import Array
    from pyarrow.parquet import ParquetFile

NumberedRows = Iterator[tuple[int, object]]  # rows, each with the number by which a report names it

LONGEST = 2**25  # bytes of one row: in a damaged file the search for its end must stop somewhere
BATCH = 2**28  # bytes of a Parquet file's rows that may be in memory at a time, unfolded
SEPARATORS = ",;\t|"


def read_rows(
    raw: BinaryIO, wanted: Callable[[Sequence[str]], list[str]] = known_columns
) -> NumberedRows:
    """The rows of an open file, each with the number of its line; in Parquet, of the row.

    wanted: which of a Parquet file's columns are read.

    The end of its name says what it is, `.gz` behind that whether it is packed. A line that is no
    JSON is given as a ValueError. Raises CommandError where the file as a whole cannot be read.
    """
    forms = {
        **{".csv": _csv, ".tsv": _csv, ".json": _json},
        **{".jsonl": _lines, ".ndjson": _lines},
        ".parquet": partial(_parquet, wanted=wanted),
    }
    path = Path(raw.name)
    packed = path.suffix.lower() == ".gz"
    form = forms.get(Path(path.stem if packed else path).suffix.lower())
    if form is None or (packed and form is forms[".parquet"]):
        raise CommandError(
            f"{path}: its name must end in one of {', '.join(forms)}; all but the last may have"
            " .gz behind it"
        )
    try:
        with gzip.open(raw) if packed else nullcontext(raw) as unpacked:
            yield from form(unpacked, path)
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 ({error.reason}): convert it") from None
    except csv.Error as error:
        raise CommandError(f"{path} is not CSV: {error}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CommandError(f"{path} is not gzip, or was cut off: {error}") from None


def _csv(raw: BinaryIO, path: Path) -> NumberedRows:
    # The reader's own limit, 131,072 characters, is under what a conversation has.
    csv.field_size_limit(LONGEST)
    lines = _text_lines(raw, path)
    head = next(lines, "")
    rows = csv.DictReader(chain([head], lines), delimiter=max(SEPARATORS, key=head.count))
    for row in rows:
        cells = {name: unescape_cell(cell) for name, cell in row.items() if isinstance(cell, str)}
        yield rows.line_num, cells


def _lines(raw: BinaryIO, path: Path) -> NumberedRows:
    for number, line in enumerate(_text_lines(raw, path), start=1):
        if line.strip():
            try:
                yield number, decode_json(line)
            except ValueError as error:
                yield number, error


def _text_lines(raw: BinaryIO, path: Path) -> Iterator[str]:
    """Lines of text, with the mark off that spreadsheets put in front. `raw` can tell its place."""
    number = 0
    while line := raw.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise CommandError(f"{path}: line {number} has over {LONGEST:,} bytes: remove it")
        yield line.decode("utf-8-sig" if number == 1 else "utf-8")


def _json(raw: BinaryIO, path: Path) -> NumberedRows:
    return JsonStream(raw, path, LONGEST).items()


def _parquet(
    raw: BinaryIO, path: Path, wanted: Callable[[Sequence[str]], list[str]]
) -> NumberedRows:
    """Only the columns that say something, and few rows at a time: those of a file whose texts are
    long unfold to many times its size."""
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        table = ParquetFile(raw, buffer_size=2**20, pre_buffer=False)
        names = table.schema_arrow.names
        columns = wanted(names)
        if not columns:
            raise CommandError(
                f"{path}: none of its columns is one of a vote: {join_first(names, 9)}"
            )
        number = 0
        for batch in table.iter_batches(_rows_at_a_time(table, columns), columns=columns):
            if batch.nbytes > BATCH:
                raise CommandError(f"{path}: row {number + 1} has over {BATCH:,} bytes: remove it")
            for values in zip(*(_plain_times(c).to_pylist() for c in batch.columns), strict=True):
                number += 1
                yield number, dict(zip(batch.schema.names, values, strict=True))
    except (ArrowException, OSError) as error:
        raise CommandError(f"{path} is not Parquet: {str(error).splitlines()[0]}") from None


def _rows_at_a_time(table: "ParquetFile", columns: Sequence[str]) -> int:
    """So many that they fit into BATCH, even if each has all that the file holds of a column: what
    stands there once may be the value of every row."""
    sizes = [1]
    for number in range(table.metadata.num_row_groups):
        group = table.metadata.row_group(number)
        chunks = (group.column(i) for i in range(group.num_columns))
        known = (c for c in chunks if c.path_in_schema.partition(".")[0] in columns)
        sizes.append(sum(chunk.total_uncompressed_size for chunk in known))
    return max(1, min(1000, BATCH // max(sizes)))


def _plain_times(column: "Array") -> "Array":
    """Times as seconds since 1970: they are in any unit, and maybe of no year that Python knows."""
    from pyarrow import compute, int64, timestamp, types

    kind = column.type
    if not (types.is_timestamp(kind) or types.is_date(kind)):
        return column
    unit = timestamp("us", getattr(kind, "tz", None))
    return compute.divide(column.cast(unit, safe=False).cast(int64()).cast("double"), 1e6)
