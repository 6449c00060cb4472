"""Arrow files between tasks: written uncompressed, read back memory-mapped, batch by batch."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = [
    "FAULTS",
    "LEDGER",
    "SHARD_BITS",
    "MappedCorpus",
    "batches_of",
    "one_batch",
    "open_mapped",
    "pack_address",
    "row_of",
    "shard_of",
    "writer",
]

LEDGER = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("input_id", pa.string()),
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("source_path", pa.string(), nullable=False),
        pa.field("locator", pa.string(), nullable=False),
        pa.field("fate", pa.string(), nullable=False),
        pa.field("stage", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("duplicate_of", pa.string()),
        pa.field("cluster", pa.string()),
    ]
)
"""One row per input record: what became of it and why; no text."""

FAULTS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("locator", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
    ]
)
"""What could not be read; `locator` is empty where it is the whole file."""

SHARD_BITS = np.uint64(32)
ROW = np.uint64(0xFFFFFFFF)


def open_mapped(path: Path) -> pa.ipc.RecordBatchFileReader:
    """An Arrow file whose batches are views of the memory-mapped file."""
    return pa.ipc.open_file(pa.memory_map(str(path)))


def batches_of(path: Path, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
    """Batches `start` to `stop` of an Arrow file."""
    reader = open_mapped(path)
    for i in range(start, reader.num_record_batches if stop is None else stop):
        yield reader.get_batch(i)


@contextmanager
def writer(path: Path, schema: pa.Schema) -> Iterator[pa.ipc.RecordBatchFileWriter]:
    """Write an Arrow file without compression."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as out:
        yield out


def pack_address(shard: int, row: npt.NDArray[np.integer] | int) -> npt.NDArray[np.uint64]:
    """The address of a row: shard number above, row of the shard below."""
    return (np.uint64(shard) << SHARD_BITS) | np.asarray(row, np.uint64)


def shard_of(addresses: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The number of the shard that each address is in."""
    return addresses >> SHARD_BITS


def row_of(addresses: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The row of its shard that each address is."""
    return addresses & ROW


def one_batch(table: pa.Table) -> pa.RecordBatch:
    """The table as one batch, also where it has no rows."""
    whole = table.combine_chunks().to_batches()
    return whole[0] if whole else pa.RecordBatch.from_pylist([], table.schema)


class MappedCorpus:
    """The shards that one corpus stage sees, memory-mapped; implements `stage.Corpus`.

    What it returns is copied, so pages read are given back after RELEASE bytes, and the shard opened first is closed when
    more than MOST_OPEN are: a process that reads all of a corpus holds little of it.
    """

    MOST_OPEN = 256

    RELEASE = 64 << 20
    AROUND = 256 << 10
    """Bytes that the system maps, about, for a page that is touched, if it has them in memory: the pages around it too."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._open: dict[int, tuple[pa.ipc.RecordBatchFileReader, npt.NDArray[np.int64]]] = {}
        self._maps: dict[int, mmap.mmap] = {}
        self._taken = 0

    def take(self, addresses: npt.NDArray[np.uint64], columns: Sequence[str]) -> pa.Table:
        """See `stage.Corpus.take`."""
        if len(addresses) == 0:
            if not self._paths:
                return pa.table({name: pa.array([], pa.string()) for name in columns})
            return pa.Table.from_batches([], self._shard(0)[0].schema).select(columns)
        order = np.argsort(addresses, kind="stable")
        wanted = addresses[order]
        shards, rows = shard_of(wanted).astype(np.int64), row_of(wanted).astype(np.int64)
        parts: list[pa.Table] = []
        cuts = np.flatnonzero(np.diff(shards)) + 1
        for lo, hi in zip([0, *cuts.tolist()], [*cuts.tolist(), len(shards)], strict=True):
            reader, starts = self._shard(int(shards[lo]))
            in_batch = np.searchsorted(starts, rows[lo:hi], side="right") - 1
            for b in np.unique(in_batch):
                here = rows[lo:hi][in_batch == b] - starts[b]
                whole = reader.get_batch(int(b)).select(columns)
                parts.append(pa.Table.from_batches([whole.take(pa.array(here))]))
                self._release(min(whole.nbytes, parts[-1].nbytes + len(here) * self.AROUND))
        table = pa.concat_tables(parts).combine_chunks()
        if bool(np.all(order[:-1] <= order[1:])):
            return table
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return table.take(pa.array(back)).combine_chunks()

    def _shard(self, number: int) -> tuple[pa.ipc.RecordBatchFileReader, npt.NDArray[np.int64]]:
        if number not in self._open:
            if len(self._open) >= self.MOST_OPEN:
                first = next(iter(self._open))
                del self._open[first], self._maps[first]
            with self._paths[number].open("rb") as file:
                self._maps[number] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            reader = pa.ipc.open_file(pa.py_buffer(self._maps[number]))
            rows = [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)]
            self._open[number] = (reader, np.concatenate([[0], np.cumsum(rows, dtype=np.int64)])[:-1].astype(np.int64))
        return self._open[number]

    def _release(self, touched: int) -> None:
        self._taken += touched
        if self._taken > self.RELEASE:
            self._taken = 0
            for held in self._maps.values():
                held.madvise(mmap.MADV_DONTNEED)
