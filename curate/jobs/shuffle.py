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

__all__ = ["merge_parts", "reduce_partition"]


def reduce_partition(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: the key files of all shards, then the shards themselves. Output: what the stage makes of its groups."""
    stage = stage_of(task.args["stage"])
    shards = len(inputs) // 2
    batches = [open_mapped(path).get_batch(task.args["partition"]) for path in inputs[:shards]]
    batches = [b for b in batches if b.num_rows] or batches[:1]
    table = pa.Table.from_batches(batches)
    order = np.lexsort((table["address"].to_numpy(), table["key"].to_numpy()))
    table = table.take(pa.array(order)).combine_chunks()
    return _write(stage.reduce(table, MappedCorpus(inputs[shards:])), outputs[0])


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
