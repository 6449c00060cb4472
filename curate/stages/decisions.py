"""What the merge of a deduplication decides, one row per record, and how `mark` reads it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ..records import mark

__all__ = ["DECISION", "aligned", "mark_decided"]

DECISION = pa.schema(
    [
        pa.field("address", pa.uint64(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("duplicate_of", pa.string()),
        pa.field("cluster", pa.string()),
    ]
)
"""A null `reason` speaks of a record that stays: the one its cluster keeps."""


def aligned(decisions: pa.Table, name: str, rows: int) -> pa.Array:
    """Column `name` of a batch's decisions, one value per row of the batch, null for rows without a decision."""
    index = np.full(rows, -1, np.int64)
    index[decisions["row"].to_numpy()] = np.arange(decisions.num_rows)
    return decisions[name].combine_chunks().take(pa.array(index, mask=index < 0))


def mark_decided(batch: pa.RecordBatch, decisions: pa.Table) -> pa.RecordBatch:
    """The batch with `dropped` set for the rows that have a decision with a reason."""
    n = batch.num_rows
    return mark(
        batch,
        aligned(decisions, "reason", n).to_pylist(),
        values=aligned(decisions, "value", n).to_pylist(),
        thresholds=aligned(decisions, "threshold", n).to_pylist(),
        duplicate_of=aligned(decisions, "duplicate_of", n).to_pylist(),
        clusters=aligned(decisions, "cluster", n).to_pylist(),
    )
