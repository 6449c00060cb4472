"""Ingest one raw file: records to an Arrow file, what cannot be read to a list of faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..catalog import Limits, Source
from ..ingest import Fault, read_blocks, to_batches
from ..records import INGESTED, record_id
from ..stage import TaskSpec
from .files import FAULTS, writer

__all__ = ["ingest_file"]


def ingest_file(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Input: the raw file, whose real name no output holds. Outputs: its records (`records.INGESTED`), its faults (`FAULTS`).

    The marker holds rows and text bytes of each batch, and faults by kind.
    """
    args = task.args
    source = Source.model_validate_json(args["source"])
    limits = Limits.model_validate_json(args["limits"])
    path, limit = args["path"], args["limit"]
    faults: list[Fault] = []
    batches: list[list[int]] = []
    rows = 0
    if args["poison"]:
        faults.append(Fault("", "crashed", "reading it ended the worker process each time it was tried"))
        parts: Any = ()
    else:
        parts = read_blocks(inputs[0], inputs[0].name, source, limits)
    with writer(outputs[0], INGESTED) as out:
        made = to_batches(
            parts,
            source=source,
            path=path,
            sha256=args["sha256"],
            record_chars=limits.record_chars,
            rows=args["batch_rows"],
            text_bytes=args["batch_bytes"],
        )
        for batch, bad in made:
            faults += bad
            if limit is not None and rows + batch.num_rows > limit:
                batch = batch.slice(0, limit - rows)
            if batch.num_rows:
                out.write_batch(batch)
                batches.append([batch.num_rows, int(pc.sum(pc.binary_length(batch["text"])).as_py())])
                rows += batch.num_rows
            if limit is not None and rows >= limit:
                break
    _write_faults(faults, source.id, path, outputs[1])
    return {
        "rows": rows,
        "batches": batches,
        "faults": dict(sorted(Counter(f.kind for f in faults).items())),
        "unreadable": any(f.locator == "" for f in faults),
    }


def _write_faults(faults: list[Fault], source_id: str, path: str, output: Path) -> None:
    """A fault's id never meets a record's: its kind, and its turn among equals, are part of the place."""
    seen: Counter[tuple[str, str]] = Counter()
    ids = []
    for fault in faults:
        seen[fault.locator, fault.kind] += 1
        turn = seen[fault.locator, fault.kind]
        ids.append(record_id(source_id, path, f"{fault.locator}!{fault.kind}!{turn}"))
    table = pa.table(
        {
            "id": pa.array(ids, pa.string()),
            "source_id": pa.array([source_id] * len(faults), pa.string()),
            "path": pa.array([path] * len(faults), pa.string()),
            "locator": pa.array([f.locator for f in faults], pa.string()),
            "kind": pa.array([f.kind for f in faults], pa.string()),
            "message": pa.array([f.message for f in faults], pa.string()),
        },
        schema=FAULTS,
    )
    with writer(output, FAULTS) as out:
        out.write_table(table)
