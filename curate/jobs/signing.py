"""Keep the signatures of the records that a dataset has, for later datasets to be held against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..signatures import Layout, write_files
from ..stage import TaskSpec
from .files import open_mapped

__all__ = ["write_signatures"]


def write_signatures(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: of each shard what was stored of it, then of each shard its kept rows, one file per part.

    Outputs: `signatures.FILES` of the stored records that were kept. They do not depend on how the shards were cut.
    """
    parts = task.args["parts"]
    shards = len(inputs) // (parts + 1)

    def batches() -> Iterator[pa.RecordBatch]:
        for k in range(shards):
            files = inputs[shards + k * parts : shards + (k + 1) * parts]
            kept = pa.chunked_array(
                [c for file in files for c in open_mapped(file).read_all()["id"].chunks], pa.string()
            )
            stored = open_mapped(inputs[k]).read_all()
            yield from stored.filter(pc.is_in(stored["id"], value_set=kept.combine_chunks())).to_batches()

    layout = task.args["layout"]
    return {"records": write_files(outputs, batches(), Layout(**layout)), "layout": layout}
