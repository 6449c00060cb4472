"""The two halves of a corpus stage that see more than one shard: reduce one partition, merge all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ..stage import TaskSpec
from .files import MappedCorpus, open_mapped, writer
from .mapping import stage_of

__all__ = ["groups", "merge_parts", "reduce_partition"]


def reduce_partition(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: the key files of all shards, then the shards themselves. Output: what the stage makes of its groups."""
    stage = stage_of(task.args["stage"])
    shards = len(inputs) // 2
    batches = [open_mapped(path).get_batch(task.args["partition"]) for path in inputs[:shards]]
    return _write(stage.reduce(groups(batches), MappedCorpus(inputs[shards:])), outputs[0])


def groups(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """The rows whose `key` another row has too, sorted by (key, address), in one chunk.

    Most keys of a corpus occur once; their rows are left out before anything is sorted or copied.
    """
    from ..kernels import groups as kernel

    keys = [batch["key"].to_numpy() for batch in batches]
    seen = kernel.table(sum(map(len, keys)))
    for key in keys:
        kernel.count(key, seen)
    parts = []
    for batch, key in zip(batches, keys, strict=True):
        rows = np.empty(len(key), np.uint32)
        parts.append(batch.take(pa.array(rows[: kernel.often(key, seen, rows)])))
    table = pa.Table.from_batches(parts)
    key = table["key"].to_numpy()
    order = np.argsort(key)
    same = np.zeros(len(key) + 1, np.bool_)  # as the row before
    same[1:-1] = key[order[1:]] == key[order[:-1]]
    order = order[same[:-1] | same[1:]]
    order = order[np.lexsort((table["address"].to_numpy()[order], key[order]))]
    return table.take(pa.array(order)).combine_chunks()


def merge_parts(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: the reduced partitions, then the shards. Output: the stage's decisions, sorted by address."""
    stage = stage_of(task.args["stage"])
    parts = stage.partitions
    tables = (open_mapped(path).read_all() for path in inputs[:parts])
    return _write(stage.merge(tables, MappedCorpus(inputs[parts:])), outputs[0])


def _write(table: pa.Table, output: Path) -> dict[str, Any]:
    with writer(output, table.schema) as out:
        out.write_table(table.combine_chunks())
    return {"rows": table.num_rows}
