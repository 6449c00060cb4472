"""Write the files of a dataset: data shards, ledger parts, quarantine.

How rows fall into files and batches depends on the rows alone, never on how the tasks before were cut.
"""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..records import RECORD
from ..stage import TaskSpec
from .files import FAULTS, LEDGER, batches_of, open_mapped

__all__ = ["write_ledger", "write_quarantine", "write_shard"]

BATCH_ROWS = 4096
BATCH_BYTES = 32 << 20  # of text, far below the 2 GiB that 32-bit offsets can hold
LEDGER_GROUP_ROWS = 65_536


def write_shard(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: the records of one split, in order. Output: rows `start` to `stop` as an Arrow stream.

    The marker also holds a digest of the ids in order, so that a ledger can be held against the shards.
    """
    start, stop = task.args["start"], task.args["stop"]
    compression = None if task.args["compression"] == "none" else task.args["compression"]
    options = pa.ipc.IpcWriteOptions(compression=compression, use_threads=False)
    rows = chars = 0
    ids = hashlib.sha256()
    with pa.OSFile(str(outputs[0]), "wb") as sink, pa.ipc.new_stream(sink, RECORD, options=options) as out:
        for table in _rebatched(_rows(inputs, start, stop)):
            batch = table.combine_chunks().to_batches()[0]
            out.write_batch(batch)
            rows += batch.num_rows
            chars += pc.sum(batch["n_chars"]).as_py()
            ids.update("\n".join(batch["id"].to_pylist()).encode() + b"\n")
    return {"rows": rows, "chars": chars, "ids_sha256": ids.hexdigest()}


def _rows(inputs: Sequence[Path], start: int, stop: int) -> Iterator[pa.RecordBatch]:
    """Rows `start` to `stop` of the inputs laid end to end."""
    at = 0
    for path in inputs:
        for batch in batches_of(path):
            lo, hi = max(start - at, 0), min(stop - at, batch.num_rows)
            if lo < hi:
                yield batch.slice(lo, hi - lo)
            at += batch.num_rows
            if at >= stop:
                return


def _rebatched(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Tables closed by their own rows: at BATCH_ROWS rows, or by the row that passes BATCH_BYTES of text."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        while batch.num_rows:
            ends = size + np.cumsum(pc.binary_length(batch["text"]).to_numpy(), dtype=np.int64)
            take = min(BATCH_ROWS - rows, int(np.searchsorted(ends, BATCH_BYTES)) + 1, batch.num_rows)
            held.append(batch.slice(0, take))
            rows, size = rows + take, int(ends[take - 1])
            batch = batch.slice(take)
            if rows >= BATCH_ROWS or size >= BATCH_BYTES:
                yield pa.Table.from_batches(held)
                held, rows, size = [], 0, 0
    if held:
        yield pa.Table.from_batches(held)


def write_ledger(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: ledger files sorted by id, then fault files. Output: one part as parquet, sorted by id.

    `first` and `last` bound the ids of the part: first ≤ id < last, as hex digits; an empty `last` has no end.
    """
    first, last, faults = task.args["first"], task.args["last"], task.args["faults"]
    parts = [LEDGER.empty_table()]
    for path in inputs[: len(inputs) - faults]:
        table = open_mapped(path).read_all().combine_chunks()
        parts.append(_between(table, first, last))
    for path in inputs[len(inputs) - faults :]:
        parts.append(_between(_quarantined(open_mapped(path).read_all()).sort_by("id").combine_chunks(), first, last))
    table = pa.concat_tables(parts).sort_by("id")
    pq.write_table(table, outputs[0], compression="zstd", row_group_size=LEDGER_GROUP_ROWS)
    fates = {pair["values"]: pair["counts"] for pair in pc.value_counts(table["fate"]).to_pylist()}
    return {"rows": table.num_rows, "fates": dict(sorted(fates.items()))}


def _between(table: pa.Table, first: str, last: str) -> pa.Table:
    """Rows of a table sorted by id with first ≤ id < last, found by bisection."""
    if table.num_rows == 0:
        return table
    ids = table["id"]
    rows = range(table.num_rows)
    lo = bisect.bisect_left(rows, first, key=lambda i: ids[i].as_py()) if first else 0
    hi = bisect.bisect_left(rows, last, key=lambda i: ids[i].as_py()) if last else table.num_rows
    return table.slice(lo, hi - lo)


def _quarantined(faults: pa.Table) -> pa.Table:
    n = faults.num_rows
    columns = {
        "id": faults["id"],
        "source_id": faults["source_id"],
        "source_path": faults["path"],
        "locator": faults["locator"],
        "fate": pa.array(["quarantined"] * n, pa.string()),
        "stage": pa.array(["ingest"] * n, pa.string()),
        "reason": faults["kind"],
    }
    return pa.table([columns.get(f.name, pa.nulls(n, f.type)) for f in LEDGER], schema=LEDGER)


def write_quarantine(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: fault files. Output: all of them as one parquet file, in order of source and path."""
    table = pa.concat_tables([FAULTS.empty_table(), *(open_mapped(path).read_all() for path in inputs)])
    pq.write_table(table, outputs[0], compression="zstd", row_group_size=LEDGER_GROUP_ROWS)
    return {"rows": table.num_rows}
