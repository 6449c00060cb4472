"""Load a finished dataset the way its users will, and hold it against what was written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import IntegrityError
from ..records import RECORD
from ..stage import TaskSpec

__all__ = ["check_dataset"]


def check_dataset(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Input: the dataset's folder. Output: an empty file, written when `datasets` reads what `rows` promises.

    `load_from_disk` must give the splits, rows and columns of the manifest; `load_dataset` must resolve
    the same splits from the card and stream a first record with these columns.

    Raises:
        IntegrityError: naming the first thing that differs.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when datasets is imported: no look-up may leave the domain
    import datasets

    folder, config, rows = inputs[0], task.args["config"], task.args["rows"]
    loaded = datasets.load_from_disk(str(folder / "hf_disk" / config))
    got = {split: loaded[split].num_rows for split in loaded}
    if got != rows:
        raise IntegrityError("load_from_disk gives other rows", where=str(task.id), got=str(got), expected=str(rows))
    streamed = datasets.load_dataset(str(folder), config, streaming=True)
    if set(streamed) != set(rows):
        raise IntegrityError(
            "load_dataset gives other splits", where=task.id, got=str(sorted(streamed)), expected=str(sorted(rows))
        )
    for split in rows:
        columns = list(next(iter(streamed[split])))
        if columns != RECORD.names or loaded[split].column_names != RECORD.names:
            raise IntegrityError(
                "other columns than the schema has",
                where=f"{task.id}, {split}",
                got=", ".join(columns),
                expected=", ".join(RECORD.names),
            )
    outputs[0].touch()
    return {"rows": sum(rows.values())}
