"""Parquet and Arrow IPC: one record a row, read batch by batch and checked before a value is touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from ..errors import Unreadable
from .data import values
from .feed import Feed
from .items import Fault, Parts
from .lines import peek
from .tables import choose, plain

__all__ = ["read_arrow_file", "read_arrow_stream", "read_parquet"]

_ROWS = 1024  # rows of Parquet decoded at a time


def read_parquet(feed: Feed, media_type: str) -> Parts:
    """One record a row, locator `R<row>` from 1.

    Raises:
        Unreadable: `bomb` if its row groups say they unpack to more than the limits allow; `corrupt`.
    """
    import pyarrow.parquet as pq  # with it come Arrow's file systems

    with feed.seekable() as file, pq.ParquetFile(file) as parquet:
        metadata = parquet.metadata
        unpacked = [metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)]
        if sum(unpacked) > feed.limits.unpacked_bytes:
            raise Unreadable("bomb", "unpacks to too much", expected=f"at most {feed.limits.unpacked_bytes} bytes")
        yield from _records(feed, parquet.iter_batches(batch_size=_ROWS), media_type)


def read_arrow_file(feed: Feed, media_type: str) -> Parts:
    """One record a row of an IPC file (also called Feather), locator `R<row>` from 1."""
    with feed.seekable() as file, pa.ipc.open_file(file) as reader:
        yield from _records(feed, (reader.get_batch(i) for i in range(reader.num_record_batches)), media_type)


def read_arrow_stream(feed: Feed, media_type: str) -> Parts:
    """One record a row of an IPC stream, locator `R<row>` from 1."""
    with feed.seekable() as file, pa.ipc.open_stream(file) as reader:
        yield from _records(feed, iter(reader), media_type)


def _records(feed: Feed, batches: Iterator[pa.RecordBatch], media_type: str) -> Parts:
    first, rows = peek(_rows(feed, batches), int(values("tables")["sample_rows"]))
    wanted = feed.source.text
    if wanted is not None and first and wanted not in first[0]:
        raise Unreadable("bad_record", "the table lacks the column that the catalog names", expected=wanted)
    layout = choose(feed.source, first, cells=False)
    number = 0
    try:
        for row in rows:
            number += 1
            yield layout.record(f"{feed.at}R{number}", row, media_type, None)
    except Unreadable as error:
        yield Fault(f"{feed.at}R{number + 1}", error.kind, str(error))


def _rows(feed: Feed, batches: Iterator[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    """Rows as fields; columns of binary data are left out."""
    while True:
        try:
            batch = next(batches, None)
            if batch is None:
                return
            batch.validate(full=True)  # offsets and UTF-8 of a damaged file would otherwise be trusted
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Unreadable("corrupt", "the rows cannot be read from here on", got=type(error).__name__) from None
        feed.budget.spend(batch.nbytes)
        columns = {
            field.name: _values(column)
            for field, column in zip(batch.schema, batch.columns, strict=True)
            if not _is_binary(field.type)
        }
        for row in zip(*columns.values(), strict=True):
            yield dict(zip(columns, row, strict=True))


def _values(column: pa.Array) -> list[Any]:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":  # Python's datetime has no nanoseconds
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    found: list[Any] = column.to_pylist()
    simple = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
    return found if simple or pa.types.is_boolean(kind) else [plain(value) for value in found]


def _is_binary(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_fixed_size_binary,
            pa.types.is_binary_view,
        )
    )
