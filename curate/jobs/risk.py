"""Count how well the kept records of a source hide among each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from ..pii.classes import Classes
from ..stage import TaskSpec
from .files import open_mapped

__all__ = ["measure_risk"]


def measure_risk(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: the kept rows. Output: an empty file; the marker has counts by source of those with quasi-identifiers.

    It holds 16 bytes and some for each different combination of quasi-identifiers.
    """
    sources = {name: Classes(s["quasi"], s["sensitive"]) for name, s in task.args["sources"].items()}
    for file in inputs:
        reader = open_mapped(file)
        for i in range(reader.num_record_batches):
            batch = reader.get_batch(i)
            of = pc.struct_field(batch["source"], "source_id")
            for name, classes in sources.items():
                classes.add(batch["meta"].filter(pc.equal(of, name)).to_pylist())
    outputs[0].touch()
    return {"classes": {name: classes.told(task.args["highest"]) for name, classes in sources.items()}}
