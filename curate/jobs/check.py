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

    Of every subset, `load_dataset` must resolve the splits from the card and stream a first record of each with the schema's
    columns; `load_from_disk` must give the rows of the smallest split (it holds a split in memory).

    Raises:
        IntegrityError: naming the first thing that differs.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when datasets is imported: no look-up may leave the domain
    import datasets

    folder, subsets = inputs[0], task.args["rows"]
    for subset, rows in subsets.items():
        smallest = min(rows, key=lambda split: (rows[split], split))
        loaded = datasets.load_from_disk(str(folder / "hf_disk" / subset / smallest))
        _same("rows of load_from_disk", f"{subset}/{smallest}", loaded.num_rows, rows[smallest])
        _same("columns of load_from_disk", f"{subset}/{smallest}", loaded.column_names, RECORD.names)
        streamed = datasets.load_dataset(str(folder), subset, streaming=True)
        _same("splits of load_dataset", subset, sorted(streamed), sorted(rows))
        for split in rows:
            _same("columns of load_dataset", f"{subset}/{split}", list(next(iter(streamed[split]))), RECORD.names)
    outputs[0].touch()
    return {"rows": sum(sum(rows.values()) for rows in subsets.values())}


def _same(what: str, where: str, got: Any, expected: Any) -> None:
    if got != expected:
        raise IntegrityError(f"{what} are not what was written", where=where, got=str(got), expected=str(expected))
